using static TorchSharp.torch;

namespace ByolSharp.Export.Torch;

/// <summary>The names of Python that the weights of a network need, and what they stand for. All others are refused.</summary>
internal static class TorchNames
{
    private const int MaxDimensions = 64; // libtorch iterates over no more
    private static readonly PickleName Dictionary = new("collections", "OrderedDict");
    private static readonly PickleName Shape = new("torch", "Size");
    private static readonly PickleName OldTensor = new("torch._utils", "_rebuild_tensor");
    private static readonly PickleName Tensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickleName Parameter = new("torch._utils", "_rebuild_parameter");

    private static readonly Dictionary<PickleName, ScalarType> Storages = new()
    {
        [new("torch", "DoubleStorage")] = ScalarType.Float64,
        [new("torch", "FloatStorage")] = ScalarType.Float32,
        [new("torch", "HalfStorage")] = ScalarType.Float16,
        [new("torch", "BFloat16Storage")] = ScalarType.BFloat16,
        [new("torch", "LongStorage")] = ScalarType.Int64,
        [new("torch", "IntStorage")] = ScalarType.Int32,
        [new("torch", "ShortStorage")] = ScalarType.Int16,
        [new("torch", "CharStorage")] = ScalarType.Int8,
        [new("torch", "ByteStorage")] = ScalarType.Byte,
        [new("torch", "BoolStorage")] = ScalarType.Bool,
    };

    private static readonly HashSet<PickleName> Known = [Dictionary, Shape, OldTensor, Tensor, Parameter, .. Storages.Keys];

    /// <summary>The name itself.</summary>
    /// <exception cref="StorageException">It is not on the list.</exception>
    public static PickleName Require(PickleName name, string path) => Known.Contains(name) ? name : throw new StorageException(
        $"'{path}' asks for {Shown(name)}, which weights alone do not need and which is never run: save model.state_dict() in Python, or write safetensors.");

    /// <summary>What a call gives.</summary>
    /// <exception cref="StorageException">The arguments are none that PyTorch writes.</exception>
    public static object? Call(PickleName name, object?[] arguments, string path)
    {
        if (name == Dictionary && arguments.Length == 0)
        {
            return new Dictionary<object, object?>();
        }
        if (name == Shape && arguments is [PickleTuple shape])
        {
            return shape;
        }
        if (name == Parameter && arguments is [PickledTensor value, ..])
        {
            return value;
        }
        if ((name == Tensor || name == OldTensor) && arguments is [PickledStorage storage, long offset, PickleTuple extents, PickleTuple strides, ..])
        {
            return new PickledTensor(storage, offset, Integers(extents, path), Integers(strides, path));
        }
        throw new StorageException($"'{path}' is no sound PyTorch file: it calls {name} in a way that PyTorch does not");
    }

    /// <summary>The storage that a persistent identifier names: ('storage', type, key, device, elements), in old files with a view after it.</summary>
    /// <exception cref="StorageException">It is none, or a view, which PyTorch stopped writing in 2017.</exception>
    public static PickledStorage Storage(object? identifier, string path) =>
        identifier is PickleTuple { Items: ["storage", PickleName type, string key, string, long and >= 0 and var count, .. var view] }
        && view is [] or [null] && Storages.TryGetValue(type, out ScalarType element)
            ? new(key, element, count)
            : throw new StorageException($"'{path}' is no sound PyTorch file: a tensor's storage is described in a way that PyTorch does not");

    private static long[] Integers(PickleTuple tuple, string path) => tuple.Items.Length <= MaxDimensions && tuple.Items.All(item => item is long and >= 0)
        ? [.. tuple.Items.Cast<long>()]
        : throw new StorageException($"'{path}' is no sound PyTorch file: a tensor has extents or strides that are no numbers");

    /// <summary>The name without control characters, and short: it comes from anybody.</summary>
    private static string Shown(PickleName name)
    {
        const int longest = 80;
        string text = string.Concat(name.ToString().Where(c => !char.IsControl(c)));
        return text.Length <= longest ? text : text[..longest] + "…";
    }
}
