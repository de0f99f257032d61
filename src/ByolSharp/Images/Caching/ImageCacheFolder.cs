using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace ByolSharp.Images.Caching;

/// <summary>
/// Decoded images in a folder, found again by what decides their pixels; any number of data sets and runs may share it. It grows by
/// packs of about 256 MiB until a limit. What is damaged is as good as absent: it is decoded again and added anew. One process at a time
/// writes, which a lock file decides; others read what was there when they began. All members but <see cref="Open"/> and
/// <see cref="Dispose"/> may be called from several threads at once.
/// </summary>
internal sealed class ImageCacheFolder : IDisposable
{
    private const long PackLength = 256L << 20;
    private readonly string _folder;
    private readonly long _maxBytes;
    private readonly FileStream? _lock;
    private readonly List<ImagePack> _packs = [];
    private readonly Dictionary<UInt128, (ImagePack Pack, long Offset)> _places = [];
    private readonly ConcurrentQueue<string> _messages = new();
    private readonly Lock _looking = new(), _adding = new();
    private readonly HashSet<ImagePack> _damaged = [];
    private long _bytes, _served, _decoded;
    private int _nextNumber;
    private bool _grows;

    private ImageCacheFolder(string folder, long maxBytes)
    {
        (_folder, _maxBytes) = (folder, maxBytes);
        Directory.CreateDirectory(folder);
        _lock = TryLock(Path.Combine(folder, "writer.lock"));
        _grows = _lock is not null;
        if (!_grows)
        {
            Say("another run is filling it: this one reads what is there and decodes the rest");
        }

        foreach (string path in Directory.GetFiles(folder, "byol-images-*.pack").Order(StringComparer.Ordinal))
        {
            Load(path);
        }
    }

    /// <summary>Images that came from the folder.</summary>
    internal long Served => Interlocked.Read(ref _served);

    /// <summary>Images that had to be decoded.</summary>
    internal long Decoded => Interlocked.Read(ref _decoded);

    /// <summary>Bytes of all files now, at most the limit.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens or makes the folder.</summary>
    /// <param name="folder">Its path.</param>
    /// <param name="maxBytes">The most bytes that all files together may take.</param>
    /// <exception cref="ConfigurationException">The folder cannot be made or written.</exception>
    internal static ImageCacheFolder Open(string folder, long maxBytes)
    {
        try
        {
            return new(Path.GetFullPath(folder), maxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot use the cache folder {folder}: {e.Message.TrimEnd('.')}; choose another data.cacheFolder.", e);
        }
    }

    /// <summary>The key of an identity (<see cref="ByolSharp.Sources.Dataset.IdentityOf"/>).</summary>
    internal static UInt128 KeyOf(string identity) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(identity.AsSpan()));

    /// <summary>The image of a key; null where it is not there, or damaged.</summary>
    internal Image? TryRead(UInt128 key)
    {
        (ImagePack Pack, long Offset) place;
        lock (_looking)
        {
            if (!_places.TryGetValue(key, out place))
            {
                return null;
            }
        }

        if (place.Pack.TryRead(key, place.Offset) is { } image)
        {
            Interlocked.Increment(ref _served);
            return image;
        }

        lock (_looking)
        {
            if (_places.TryGetValue(key, out var now) && now == place)
            {
                _places.Remove(key);
            }

            if (_damaged.Add(place.Pack))
            {
                Say($"{Path.GetFileName(place.Pack.Path)} is damaged; its damaged images are decoded again");
            }
        }

        return null;
    }

    /// <summary>Keeps an image that was decoded, where there is room for it.</summary>
    internal void Add(UInt128 key, Image image)
    {
        Interlocked.Increment(ref _decoded);
        lock (_adding)
        {
            if (!_grows || IsThere(key) || ImageRecord.LengthOf(image) > int.MaxValue)
            {
                return;
            }

            long length = ImageRecord.LengthOf(image) + PackIndex.EntryLength + (IsFull(_packs) ? 2 * PackFile.HeaderLength : 0);
            if (Bytes + length > _maxBytes)
            {
                Stop(FormattableString.Invariant($"is full ({_maxBytes >> 20:N0} MiB): further images are decoded each time; raise data.cacheFolderMegabytes or empty it"));
                return;
            }

            try
            {
                ImagePack pack = IsFull(_packs) ? StartPack() : _packs[^1];
                long offset = pack.Add(key, image);
                Interlocked.Add(ref _bytes, length);
                lock (_looking)
                {
                    _places[key] = (pack, offset);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Stop($"cannot be written ({e.Message.TrimEnd('.')}): further images are decoded each time");
            }
        }
    }

    /// <summary>Hands out what happened since the last call, a line each.</summary>
    internal void PassMessages(Action<string> say)
    {
        while (_messages.TryDequeue(out string? message))
        {
            say(message);
        }
    }

    public void Dispose()
    {
        _packs.ForEach(pack => pack.Dispose());
        _lock?.Dispose();
    }

    private static bool IsFull(List<ImagePack> packs) => packs.Count == 0 || packs[^1].Length >= PackLength;

    private bool IsThere(UInt128 key)
    {
        lock (_looking)
        {
            return _places.ContainsKey(key);
        }
    }

    private ImagePack StartPack()
    {
        var pack = ImagePack.Create(Path.Combine(_folder, $"byol-images-{_nextNumber++:D4}.pack"));
        _packs.Add(pack);
        return pack;
    }

    private void Load(string path)
    {
        if (int.TryParse(Path.GetFileNameWithoutExtension(path).AsSpan("byol-images-".Length), out int number))
        {
            _nextNumber = Math.Max(_nextNumber, number + 1);
        }

        if (ImagePack.TryOpen(path, isWriter: _grows) is not { } pack)
        {
            Say($"{Path.GetFileName(path)} is damaged or of another version; its images are decoded again");
            if (_grows)
            {
                File.Delete(path);
                File.Delete(ImagePack.IndexPathOf(path));
            }

            return;
        }

        _packs.Add(pack);
        _bytes += pack.Length + PackFile.HeaderLength + (long)pack.Index.Capacity * PackIndex.EntryLength;
        _places.EnsureCapacity(_places.Count + pack.Index.Capacity);
        int damaged = 0;
        foreach (var entry in pack.Index.Read())
        {
            if (entry is { } known)
            {
                _places[known.Key] = (pack, known.Offset);
            }
            else
            {
                damaged++;
            }
        }

        if (damaged > 0)
        {
            Say($"{damaged:N0} entries of {Path.GetFileName(ImagePack.IndexPathOf(path))} are damaged; their images are decoded again");
        }
    }

    private void Stop(string reason)
    {
        _grows = false;
        _messages.Enqueue($"the cache folder {_folder} {reason}");
    }

    private void Say(string message) => _messages.Enqueue($"cache folder {_folder}: {message}");

    /// <summary>The lock that makes this process the writer; null where another one holds it.</summary>
    private static FileStream? TryLock(string path)
    {
        // What a lock held by others is called: EAGAIN on Linux and macOS, a sharing or lock violation on Windows.
        const int LinuxAgain = 11, MacAgain = 35, SharingViolation = 32, LockViolation = 33;
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is LinuxAgain or MacAgain or SharingViolation or LockViolation)
        {
            return null;
        }
    }
}
