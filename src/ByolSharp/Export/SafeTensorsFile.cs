using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>The content of a safetensors file; owns its tensors until it is disposed.</summary>
public sealed class SafeTensorsFile : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    internal SafeTensorsFile(string path, Dictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        (Path, _tensors, Metadata) = (path, tensors, metadata);
    }

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>The tensors by name, contiguous, on the CPU.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The file's own notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
