using ByolSharp.Export;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

/// <summary>What a checkpoint holds.</summary>
internal static class SavedState
{
    /// <summary>
    /// The bytes of every tensor by name, but for torch's random state: it belongs to the whole process, in which other tests draw from it.
    /// </summary>
    public static SortedDictionary<string, byte[]> Of(string runFolder, string checkpoint)
    {
        using var scope = NewDisposeScope();
        var tensors = SafeTensors.Read(Path.Combine(runFolder, "checkpoints", checkpoint, "state.safetensors")).Tensors;
        return new(tensors.Where(t => t.Key != "rng.torch").ToDictionary(t => t.Key, t => t.Value.bytes.ToArray()));
    }
}
