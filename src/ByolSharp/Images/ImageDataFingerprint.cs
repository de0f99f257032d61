using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ByolSharp.Images;

/// <summary>A short text that changes when a data set does, so that results can be kept beside what they came from.</summary>
public static class ImageDataFingerprint
{
    /// <summary>
    /// Of all names, labels and states of files, in order; of the pixels themselves only where they are in memory anyway. Files that were
    /// touched count as changed. Asks for the length and time of every file.
    /// </summary>
    public static string Of(ImageDataset data)
    {
        var hash = new XxHash128();
        for (int i = 0; i < data.Count; i++)
        {
            Append(hash, $"{data.NameOf(i)}\n{data.LabelOf(i)}\n{data.IdentityOf(i)}\n");
            if (data.IsInMemory)
            {
                hash.Append(data.Read(i).Raw);
            }
        }
        Append(hash, string.Join('\n', data.ClassNames));
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, string text) => hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
}
