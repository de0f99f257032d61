using System.IO.Hashing;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>Tells encoders apart by what decides a representation: weights, and how images are prepared. Where they are stored does not matter.</summary>
public static class EncoderFingerprint
{
    /// <summary>The fingerprint, 32 hexadecimal digits.</summary>
    /// <param name="backbone">The encoder, on any device.</param>
    /// <param name="metadata">How its images are prepared.</param>
    public static string Of(Backbone backbone, EncoderMetadata metadata)
    {
        var hash = new XxHash128();
        Append(hash, $"{backbone.GetName()}\n{EncoderFile.NotesOf(null, metadata)[EncoderFile.EncoderKey]}\n");
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        foreach (var (name, value) in backbone.state_dict())
        {
            if (value.is_floating_point()) // batches that were counted decide nothing
            {
                Append(hash, $"{name} {string.Join('x', value.shape)}\n");
                hash.Append(value.detach().cpu().contiguous().bytes);
            }
        }
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, string text) => hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
}
