using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Images.Caching;

/// <summary>A file of image records, mapped into memory for reading, with its index beside it. Any number of threads may read while one adds.</summary>
internal sealed class ImagePack : IDisposable
{
    private readonly SafeFileHandle _records;
    private readonly PackIndex _index;
    private readonly Lock _mapping = new();
    private MemoryMappedViewAccessor? _view;
    private long _mappedLength;

    private ImagePack(string path, SafeFileHandle records, PackIndex index) => (Path, _records, _index) = (path, records, index);

    /// <summary>The file of the records.</summary>
    internal string Path { get; }

    /// <summary>Bytes of the records so far.</summary>
    internal long Length => RandomAccess.GetLength(_records);

    internal PackIndex Index => _index;

    private static ReadOnlySpan<byte> Name => "BYOLPACK"u8;

    /// <summary>Opens a pack; null where it or its index is absent, another program's, or of another version.</summary>
    internal static ImagePack? TryOpen(string path, bool isWriter)
    {
        if (PackFile.TryOpen(path, Name, isWriter) is not { } records)
        {
            return null;
        }

        if (PackIndex.TryOpen(IndexPathOf(path), isWriter) is { } index)
        {
            return new(path, records, index);
        }

        records.Dispose();
        return null;
    }

    internal static ImagePack Create(string path) => new(path, PackFile.Create(path, Name), PackIndex.Create(IndexPathOf(path)));

    internal static string IndexPathOf(string path) => System.IO.Path.ChangeExtension(path, ".index");

    /// <summary>Adds a record at the end and gives its offset. Not for two threads at once.</summary>
    /// <exception cref="IOException">The disk is full or fails; what was written of the record stays and is never looked at.</exception>
    internal long Add(UInt128 key, Image image)
    {
        long offset = Length;
        ImageRecord.Write(_records, offset, key, image);
        _index.Add(key, offset);
        return offset;
    }

    /// <summary>Reads a record; null where the file does not hold this key there, whole and undamaged.</summary>
    internal unsafe Image? TryRead(UInt128 key, long offset)
    {
        // Reading a mapped page behind the end of a file kills the process, so a file that was cut short must be seen before.
        long length = Length;
        if (offset < PackFile.HeaderLength || offset >= length)
        {
            return null;
        }

        byte* start = null;
        SafeMemoryMappedViewHandle view = Acquire(length, ref start);
        try
        {
            return ImageRecord.TryRead(new(start + offset, (int)Math.Min(int.MaxValue, length - offset)), key);
        }
        finally
        {
            view.ReleasePointer();
        }
    }

    public void Dispose()
    {
        _view?.Dispose();
        _records.Dispose();
        _index.Dispose();
    }

    /// <summary>The view, made anew where the file has grown; one that is still being read lives until its last reader lets go.</summary>
    private unsafe SafeMemoryMappedViewHandle Acquire(long length, ref byte* start)
    {
        lock (_mapping)
        {
            if (_view is null || _mappedLength < length)
            {
                _view?.Dispose();
                using var file = MemoryMappedFile.CreateFromFile(_records, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
                (_view, _mappedLength) = (file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read), length);
            }

            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return _view.SafeMemoryMappedViewHandle;
        }
    }
}
