using System.Buffers.Binary;
using System.IO.Compression;
using static TorchSharp.torch;

namespace ByolSharp.Export.Torch;

/// <summary>The object that a file of PyTorch holds, and the storages of its tensors, which are read when they are first asked for.</summary>
internal sealed class TorchStorages : IDisposable
{
    private readonly Dictionary<string, Tensor> _read = [];
    private readonly Func<PickledStorage, Tensor> _readStorage;
    private readonly string _path;
    private readonly IDisposable? _owned;

    private TorchStorages(object? root, Func<PickledStorage, Tensor> readStorage, string path, IDisposable? owned = null) =>
        (Root, _readStorage, _path, _owned) = (root, readStorage, path, owned);

    /// <summary>The pickled object.</summary>
    public object? Root { get; }

    /// <summary>A zip file: data.pkl, byteorder and data/KEY under one folder.</summary>
    public static TorchStorages OfZip(ZipArchive archive, string path)
    {
        var pickle = archive.Entries.FirstOrDefault(e => e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal))
            ?? throw Unsound(path, "it is a zip file without data.pkl");
        string folder = pickle.FullName[..^"data.pkl".Length];
        if (archive.GetEntry(folder + "byteorder") is { } order && !Bytes(order, path).AsSpan().SequenceEqual("little"u8))
        {
            throw Unsound(path, "its numbers are not little-endian");
        }
        object? root = new PickleMachine(Bytes(pickle, path), path).Run();
        return new(root, storage => FromEntry(archive.GetEntry($"{folder}data/{storage.Key}"), storage, path), path, archive);
    }

    /// <summary>A file from before PyTorch 1.6: five pickles, of which the fourth is the object and the fifth names the storages that follow.</summary>
    public static TorchStorages OfOldFile(FileStream stream, string path)
    {
        if (stream.Length > Array.MaxLength)
        {
            throw new StorageException($"'{path}' is of PyTorch's old format and has more than 2 GiB: save it again with a newer PyTorch.");
        }
        ReadOnlyMemory<byte> file = Whole(stream);
        int position = 0;
        object?[] pickles = [.. Enumerable.Range(0, 5).Select(_ =>
        {
            var machine = new PickleMachine(file[position..], path);
            object? value = machine.Run();
            position += machine.Position;
            return value;
        })];
        if (pickles is not [_, 1001L, Dictionary<object, object?> system, _, List<object?> keys] || system.GetValueOrDefault("little_endian") is false)
        {
            throw Unsound(path, "it is neither a zip file nor of the format before 1.6, or its numbers are not little-endian");
        }
        var bytes = new Dictionary<string, ReadOnlyMemory<byte>>();
        var sizes = ElementSizes(pickles[3]);
        foreach (string key in keys.OfType<string>())
        {
            long count = position <= file.Length - sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(file.Span[position..]) : -1;
            position += sizeof(long);
            if (!sizes.TryGetValue(key, out int size) || count < 0 || count > (file.Length - position) / size)
            {
                throw Unsound(path, $"storage '{key}' is unknown or ends beyond the file");
            }
            bytes[key] = file.Slice(position, (int)count * size);
            position += (int)count * size;
        }
        return new(pickles[3], storage => FromBytes(bytes.TryGetValue(storage.Key, out var values) ? values : default, storage, path), path);
    }

    /// <summary>All values of a storage, one-dimensional; owned by this object.</summary>
    public Tensor Read(PickledStorage storage)
    {
        if (!_read.TryGetValue(storage.Key, out Tensor? values))
        {
            values = _readStorage(storage).DetachFromDisposeScope();
            _read.Add(storage.Key, values);
        }
        return values.dtype == storage.Type && values.numel() >= storage.Count
            ? values
            : throw Unsound(_path, $"storage '{storage.Key}' is described in two ways");
    }

    public void Dispose()
    {
        foreach (Tensor values in _read.Values)
        {
            values.Dispose();
        }
        _owned?.Dispose();
    }

    /// <summary>Bytes of an element of every storage that an object names.</summary>
    private static Dictionary<string, int> ElementSizes(object? root)
    {
        var sizes = new Dictionary<string, int>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var open = new Stack<object?>([root]);
        while (open.TryPop(out object? value))
        {
            if (value is PickledTensor { Storage: var storage })
            {
                sizes[storage.Key] = SafeTensorsHeader.SizeOf(storage.Type);
            }
            IEnumerable<object?> parts = value switch
            {
                Dictionary<object, object?> dictionary when seen.Add(dictionary) => dictionary.Values,
                List<object?> list when seen.Add(list) => list,
                PickleTuple tuple when seen.Add(tuple.Items) => tuple.Items,
                _ => [],
            };
            foreach (object? part in parts)
            {
                open.Push(part);
            }
        }
        return sizes;
    }

    private static Tensor FromEntry(ZipArchiveEntry? entry, PickledStorage storage, string path)
    {
        if (entry is null || entry.Length < storage.Count * SafeTensorsHeader.SizeOf(storage.Type))
        {
            throw Unsound(path, $"storage '{storage.Key}' is absent or shorter than it is said to be");
        }
        CheckStored(entry, path);
        using var stream = entry.Open();
        Tensor values = empty([storage.Count], storage.Type).DetachFromDisposeScope();
        try
        {
            SafeTensors.ReadValues(stream, values);
            return values;
        }
        catch
        {
            values.Dispose();
            throw;
        }
    }

    private static Tensor FromBytes(ReadOnlyMemory<byte> bytes, PickledStorage storage, string path)
    {
        long length = storage.Count * SafeTensorsHeader.SizeOf(storage.Type);
        if (bytes.Length < length)
        {
            throw Unsound(path, $"storage '{storage.Key}' is absent or shorter than it is said to be");
        }
        Tensor values = empty([storage.Count], storage.Type);
        bytes.Span[..(int)length].CopyTo(values.bytes);
        return values;
    }

    private static byte[] Bytes(ZipArchiveEntry entry, string path)
    {
        CheckStored(entry, path);
        if (entry.Length > PickleMachine.MaxLength)
        {
            throw Unsound(path, $"{entry.FullName} has {entry.Length:N0} bytes, more than the {PickleMachine.MaxLength:N0} allowed");
        }
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>PyTorch compresses nothing; what is stored cannot unpack to more than the file has.</summary>
    private static void CheckStored(ZipArchiveEntry entry, string path)
    {
        if (entry.CompressedLength != entry.Length)
        {
            throw Unsound(path, $"{entry.Name} is compressed, which PyTorch does not do");
        }
    }

    private static byte[] Whole(FileStream stream)
    {
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static StorageException Unsound(string path, string what) => new($"'{path}' is no sound PyTorch file: {what}");
}
