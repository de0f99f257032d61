using ByolSharp.Export;
using ByolSharp.Export.Torch;
using static TorchSharp.torch;

namespace ByolSharp.Text.Backbones;

/// <summary>Weights of BERTs as Hugging Face's libraries write them, also with heads beside the encoder, and our own encoder files.</summary>
internal static class BertWeights
{
    private static readonly string[] Prefixes = ["bert.", "roberta.", "encoder.bert."];
    private static readonly string[] Heads = ["cls.", "lm_head.", "classifier.", "qa_outputs."];

    /// <summary>Copies weights into an encoder, as a whole or not at all.</summary>
    /// <param name="path">model.safetensors, pytorch_model.bin, or an encoder file.</param>
    /// <param name="backbone">The encoder; its pooler stays as it is where the file has none.</param>
    /// <exception cref="StorageException">The file is unreadable or its tensors do not fit; the message lists them.</exception>
    internal static void Load(string path, Backbone backbone)
    {
        if (TorchCheckpoint.IsOne(path))
        {
            using var checkpoint = TorchCheckpoint.Read(path);
            Fill(path, backbone, checkpoint.Tensors);
            return;
        }
        using var file = SafeTensors.Read(path);
        if (file.Metadata.ContainsKey(EncoderFile.EncoderKey))
        {
            EncoderFile.LoadWeights(path, backbone);
            return;
        }
        Fill(path, backbone, file.Tensors);
    }

    private static void Fill(string path, Backbone backbone, IReadOnlyDictionary<string, Tensor> tensors)
    {
        var own = backbone.state_dict();
        var named = tensors
            .Where(entry => !Heads.Any(head => entry.Key.StartsWith(head, StringComparison.Ordinal)) && !entry.Key.EndsWith("position_ids", StringComparison.Ordinal))
            .ToDictionary(entry => NameOf(entry.Key), entry => entry.Value);
        foreach (string name in own.Keys.Where(name => name.StartsWith("pooler.", StringComparison.Ordinal) && !named.ContainsKey(name)))
        {
            named[name] = own[name];
        }
        EncoderFile.Fill(backbone, path, named, allowUnexpected: false);
    }

    /// <summary>The key of BertModel; files of TensorFlow's days call scale and offset of normalisations gamma and beta.</summary>
    private static string NameOf(string key)
    {
        string prefix = Prefixes.FirstOrDefault(p => key.StartsWith(p, StringComparison.Ordinal)) ?? "";
        return key[prefix.Length..].Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal).Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);
    }
}
