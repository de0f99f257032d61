using System.Buffers.Binary;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Images.Caching;

/// <summary>
/// Where the records of a pack begin: entries of 32 bytes, each a checksum (XxHash3 of the rest) of 8, the key of 16 and the offset of 8.
/// An entry is written after its record, so a process that dies leaves a record without an entry and never an entry without its record.
/// </summary>
internal sealed class PackIndex : IDisposable
{
    /// <summary>Bytes of an entry.</summary>
    internal const int EntryLength = 32;

    private const int EntriesAtOnce = 2048;
    private readonly SafeFileHandle _file;
    private long _end;

    private PackIndex(SafeFileHandle file)
    {
        _file = file;
        _end = RandomAccess.GetLength(file);
        _end -= (_end - PackFile.HeaderLength) % EntryLength; // an entry that was cut short is written over
    }

    private static ReadOnlySpan<byte> Name => "BYOLINDX"u8;

    /// <summary>The most entries that there can be.</summary>
    internal int Capacity => (int)((_end - PackFile.HeaderLength) / EntryLength);

    internal static PackIndex? TryOpen(string path, bool isWriter) => PackFile.TryOpen(path, Name, isWriter) is { } file ? new(file) : null;

    internal static PackIndex Create(string path) => new(PackFile.Create(path, Name));

    /// <summary>All entries, oldest first; null for one that is damaged.</summary>
    internal IEnumerable<(UInt128 Key, long Offset)?> Read()
    {
        var entries = new byte[EntriesAtOnce * EntryLength];
        for (long place = PackFile.HeaderLength; place < _end;)
        {
            int read = RandomAccess.Read(_file, entries.AsSpan(0, (int)Math.Min(entries.Length, _end - place)), place) / EntryLength * EntryLength;
            if (read == 0)
            {
                yield break; // became shorter
            }

            for (int at = 0; at < read; at += EntryLength)
            {
                yield return Parse(entries.AsSpan(at, EntryLength));
            }

            place += read;
        }
    }

    /// <summary>Adds an entry.</summary>
    /// <exception cref="IOException">The disk is full or fails.</exception>
    internal void Add(UInt128 key, long offset)
    {
        Span<byte> entry = stackalloc byte[EntryLength];
        BinaryPrimitives.WriteUInt128LittleEndian(entry[8..], key);
        BinaryPrimitives.WriteInt64LittleEndian(entry[24..], offset);
        BinaryPrimitives.WriteUInt64LittleEndian(entry, XxHash3.HashToUInt64(entry[8..]));
        RandomAccess.Write(_file, entry, _end);
        _end += EntryLength;
    }

    public void Dispose() => _file.Dispose();

    private static (UInt128 Key, long Offset)? Parse(ReadOnlySpan<byte> entry) =>
        XxHash3.HashToUInt64(entry[8..]) == BinaryPrimitives.ReadUInt64LittleEndian(entry)
            ? (BinaryPrimitives.ReadUInt128LittleEndian(entry[8..]), BinaryPrimitives.ReadInt64LittleEndian(entry[24..]))
            : null;
}
