using static TorchSharp.torch;

namespace ByolSharp.Export.Torch;

/// <summary>Finds the encoder among the keys of a checkpoint that other software published.</summary>
internal static class CheckpointKeys
{
    /// <summary>
    /// What stands before an encoder's keys: nothing (torchvision, timm), solo-learn and MMSelfSup (backbone), older solo-learn and PyTorch-BYOL
    /// (encoder), byol-pytorch (net; online_encoder.net), MMSelfSup inside of training (online_net.0), MoCo (encoder_q).
    /// </summary>
    private static readonly string[] Prefixes =
        ["", "backbone.", "encoder.", "net.", "online_encoder.net.", "online_encoder.", "online_net.0.", "online_network.", "encoder_q.", "model."];

    /// <summary>Wrappers around all of that: data parallelism, Lightning modules.</summary>
    private static readonly string[] Wrappers = ["", "module.", "model.", "state_dict."];

    /// <summary>lightly and PyTorch-BYOL put the children of a ResNet into a sequence, where they have numbers.</summary>
    private static readonly (string Number, string Name)[] Numbered =
        [("0", "conv1"), ("1", "bn1"), ("4", "layer1"), ("5", "layer2"), ("6", "layer3"), ("7", "layer4")];

    private static readonly string[] Heads = ["fc.", "linear.", "head.", "classifier.", "projector.", "projection_head.", "prediction_head.", "predictor."];

    /// <summary>
    /// The tensors of the encoder under its own keys. Of all known prefixes the one counts that explains most keys; what lies outside of it
    /// (projectors, target networks) and heads on the encoder are left out.
    /// </summary>
    /// <param name="stored">The file's tensors.</param>
    /// <param name="own">The encoder's keys.</param>
    public static IReadOnlyDictionary<string, Tensor> For(IReadOnlyDictionary<string, Tensor> stored, IEnumerable<string> own)
    {
        var known = own.ToHashSet();
        var readings = from wrapper in Wrappers
                       from prefix in Prefixes
                       from isNumbered in (bool[])[false, true]
                       select Read(stored, wrapper + prefix, isNumbered);
        return readings.MaxBy(reading => reading.Keys.Count(known.Contains))!
            .Where(entry => known.Contains(entry.Key) || !Heads.Any(head => entry.Key.StartsWith(head, StringComparison.Ordinal)))
            .ToDictionary();
    }

    private static Dictionary<string, Tensor> Read(IReadOnlyDictionary<string, Tensor> stored, string prefix, bool isNumbered)
    {
        var read = new Dictionary<string, Tensor>();
        foreach ((string key, Tensor value) in stored.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)))
        {
            string name = key[prefix.Length..];
            read.TryAdd(isNumbered ? Named(name) : name, value);
        }
        return read;
    }

    private static string Named(string key)
    {
        string number = key.Split('.')[0];
        return Numbered.FirstOrDefault(n => n.Number == number).Name is { } name ? name + key[number.Length..] : key;
    }
}
