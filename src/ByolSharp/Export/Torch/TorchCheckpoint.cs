using System.IO.Compression;
using static TorchSharp.torch;

namespace ByolSharp.Export.Torch;

/// <summary>
/// The tensors of a file that PyTorch wrote with <c>torch.save</c> (.pt, .pth): of today's zip files and of the format before 1.6. Nothing in a
/// file is ever executed; a pickle that asks for anything but tensors is refused, and what is taken of memory is bounded by the length of the file.
/// </summary>
public sealed class TorchCheckpoint : IDisposable
{
    private const long MaxExpanded = 1 << 24; // elements of a tensor that repeats a smaller storage
    private static readonly byte[] ZipStart = [(byte)'P', (byte)'K', 3, 4];

    // The first pickle of an old file: protocol 2 and a long integer of ten bytes.
    private static readonly byte[] OldStart = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];

    private readonly Dictionary<string, Tensor> _tensors = [];

    private TorchCheckpoint(string path) => Path = path;

    /// <summary>Where it was read from.</summary>
    public string Path { get; }

    /// <summary>
    /// Its tensors by name, contiguous, on the CPU: of the dictionary with most tensors, which is the file's own or one that it names
    /// (<c>state_dict</c>, <c>model</c>). A file with one tensor alone has it under an empty name.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>Whether a file begins as PyTorch's do; false where it cannot be opened.</summary>
    public static bool IsOne(string path)
    {
        Span<byte> start = stackalloc byte[OldStart.Length];
        try
        {
            using var stream = File.OpenRead(path);
            int length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            return length == start.Length && (start.StartsWith(ZipStart) || start.SequenceEqual(OldStart));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="StorageException">It is unreadable or damaged, or asks for more than tensors.</exception>
    public static TorchCheckpoint Read(string path)
    {
        var checkpoint = new TorchCheckpoint(path);
        try
        {
            using var stream = File.OpenRead(path);
            using TorchStorages storages = stream.Length >= ZipStart.Length && StartsAsZip(stream)
                ? TorchStorages.OfZip(new ZipArchive(stream, ZipArchiveMode.Read), path)
                : TorchStorages.OfOldFile(stream, path);
            foreach ((string name, PickledTensor tensor) in StateDict(storages.Root, path))
            {
                checkpoint._tensors.Add(name, checkpoint.ViewOf(storages, tensor, name));
            }
            return checkpoint;
        }
        catch (Exception e)
        {
            checkpoint.Dispose();
            throw e switch
            {
                FileNotFoundException or DirectoryNotFoundException => new StorageException($"there is no file '{path}'", e),
                InvalidDataException or EndOfStreamException => new StorageException($"'{path}' is no sound PyTorch file: {e.Message}", e),
                IOException or UnauthorizedAccessException => new StorageException($"cannot read '{path}': {e.Message}", e),
                _ => e is StorageException ? e : new StorageException($"'{path}' is no sound PyTorch file: {e.Message}", e),
            };
        }
    }

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }
    }

    private static bool StartsAsZip(FileStream stream)
    {
        Span<byte> start = stackalloc byte[ZipStart.Length];
        stream.ReadExactly(start);
        stream.Position = 0;
        return start.SequenceEqual(ZipStart);
    }

    private static IEnumerable<(string Name, PickledTensor Tensor)> StateDict(object? root, string path)
    {
        if (root is PickledTensor single)
        {
            return [("", single)];
        }
        if (root is Dictionary<object, object?> top)
        {
            var largest = top.Values.OfType<Dictionary<object, object?>>().Prepend(top).MaxBy(d => TensorsOf(d).Count())!;
            if (TensorsOf(largest).Any())
            {
                return TensorsOf(largest);
            }
        }
        throw new StorageException($"'{path}' holds no dictionary of tensors: save model.state_dict() in Python.");
    }

    private static IEnumerable<(string Name, PickledTensor Tensor)> TensorsOf(Dictionary<object, object?> dictionary) =>
        dictionary.Where(e => e is { Key: string, Value: PickledTensor }).Select(e => ((string)e.Key, (PickledTensor)e.Value!));

    private Tensor ViewOf(TorchStorages storages, PickledTensor tensor, string name)
    {
        // Unlike the sums of 64-bit integers, these do not wrap round.
        UInt128 count = 1, last = (UInt128)tensor.Offset;
        bool fits = tensor.Offset >= 0 && tensor.Strides.Length == tensor.Shape.Length;
        for (int i = 0; fits && i < tensor.Shape.Length; i++)
        {
            count *= (UInt128)tensor.Shape[i];
            last += tensor.Shape[i] == 0 ? 0 : (UInt128)(tensor.Shape[i] - 1) * (UInt128)tensor.Strides[i];
            fits = count <= (UInt128)Math.Max(tensor.Storage.Count, MaxExpanded) && last <= long.MaxValue;
        }
        if (!fits || count > 0 && last >= (UInt128)tensor.Storage.Count)
        {
            throw new StorageException(
                $"'{Path}' is no sound PyTorch file: tensor '{name}' [{string.Join(", ", tensor.Shape)}] reaches beyond its {tensor.Storage.Count:N0} values");
        }
        using var scope = NewDisposeScope();
        return (count == 0
            ? empty(tensor.Shape, tensor.Storage.Type)
            : storages.Read(tensor.Storage).as_strided(tensor.Shape, tensor.Strides, tensor.Offset).contiguous().clone()).DetachFromDisposeScope();
    }
}
