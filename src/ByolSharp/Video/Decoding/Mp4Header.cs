using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using ByolSharp.Sources;

namespace ByolSharp.Video.Decoding;

/// <summary>
/// The facts of plain MP4 and QuickTime files (ISO/IEC 14496-12) from their header, as ffprobe gives them: most collections consist of such files, and starting
/// a process for each costs as much as decoding a short one. Whatever is not plain - fragments, cuts, several pictures at once, an unusual codec, damage - is left to ffprobe.
/// </summary>
internal static class Mp4Header
{
    private const long LargestMovie = 64 << 20; // 4 hours of 60 frames a second have tables of some 10 MB
    private const int BoxHead = 8, LargeBoxHead = 16;

    private static readonly string[] _plainCodecs = ["avc1", "avc3", "hvc1", "hev1", "vp08", "vp09", "av01", "mp4v"];

    /// <summary>The facts, or null where ffprobe should look.</summary>
    internal static VideoFacts? Read(StoredFile file)
    {
        try
        {
            return Movie(file) is { } movie ? FactsOf(movie) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException or OverflowException)
        {
            return null; // cannot be read, or ends where a number should be
        }
    }

    /// <summary>The content of the box that describes the movie; what the frames are made of is skipped.</summary>
    private static byte[]? Movie(StoredFile file)
    {
        using var stream = File.OpenRead(file.Path);
        long at = file.Offset, end = file.Length is { } length ? at + length : stream.Length;
        var head = new byte[LargeBoxHead];
        for (bool isFirst = true; at + LargeBoxHead <= end; isFirst = false)
        {
            stream.Position = at;
            stream.ReadExactly(head);
            long size = BinaryPrimitives.ReadUInt32BigEndian(head), content = BoxHead;
            if (size == 1)
            {
                (size, content) = (BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(BoxHead)), LargeBoxHead);
            }
            var type = head.AsSpan(4, 4);
            if (size < content || size > end - at || isFirst && !type.SequenceEqual("ftyp"u8))
            {
                return null;
            }
            if (type.SequenceEqual("moov"u8))
            {
                return size <= LargestMovie ? ContentOf(stream, at + content, (int)(size - content)) : null;
            }
            at += size;
        }
        return null;
    }

    private static byte[] ContentOf(FileStream stream, long at, int length)
    {
        var content = new byte[length];
        stream.Position = at;
        stream.ReadExactly(content);
        return content;
    }

    private static VideoFacts? FactsOf(ReadOnlySpan<byte> movie)
    {
        if (!Box(movie, "mvex"u8).IsEmpty || !TryFindPictures(movie, out var track))
        {
            return null;
        }
        var media = Box(track, "mdia"u8);
        var (timeScale, declared) = Clock(Box(media, "mdhd"u8));
        var tables = Box(Box(media, "minf"u8), "stbl"u8);
        var (frames, total) = Frames(Box(tables, "stts"u8));
        if (frames == 0 || timeScale == 0 || !ShowsAll(track, Clock(Box(movie, "mvhd"u8)).TimeScale, timeScale, Box(tables, "ctts"u8), total))
        {
            return null;
        }
        long factor = (long)BigInteger.GreatestCommonDivisor(checked(timeScale * frames), total);
        long numerator = timeScale * frames / factor, denominator = total / factor;
        var description = Box(tables, "stsd"u8);
        bool isPlain = Number(description, 4) == 1 && _plainCodecs.Contains(Encoding.Latin1.GetString(description.Slice(12, 4)));
        return isPlain && declared > 0 && numerator <= VideoProbe.HighestRate * denominator && numerator <= int.MaxValue && denominator <= int.MaxValue
            ? VideoFacts.Of((int)numerator, (int)denominator, (double)Math.Min(total, declared) / timeScale, Half(description, 40), Half(description, 42))
            : null;
    }

    /// <summary>The only track of pictures.</summary>
    private static bool TryFindPictures(ReadOnlySpan<byte> movie, out ReadOnlySpan<byte> pictures)
    {
        pictures = default;
        for (int number = 0; Box(movie, "trak"u8, number) is { IsEmpty: false } track; number++)
        {
            if (Box(Box(track, "mdia"u8), "hdlr"u8).Slice(8, 4).SequenceEqual("vide"u8))
            {
                if (!pictures.IsEmpty)
                {
                    return false;
                }
                pictures = track;
            }
        }
        return !pictures.IsEmpty;
    }

    /// <summary>Units a second and length in them, of a header of the movie or of a track's media.</summary>
    private static (long TimeScale, long Duration) Clock(ReadOnlySpan<byte> header) =>
        Number(header, 0) >> 24 == 0 ? (Number(header, 12), Number(header, 16)) : (Number(header, 20), BinaryPrimitives.ReadInt64BigEndian(header[24..]));

    /// <summary>How many frames there are and how long they last together; 0 where the table holds a length that makes no sense.</summary>
    private static (long Frames, long Total) Frames(ReadOnlySpan<byte> timeToSample)
    {
        long frames = 0, total = 0, entries = Number(timeToSample, 4);
        for (int i = 0; i < entries; i++)
        {
            long count = Number(timeToSample, 8 + 8 * i), length = Number(timeToSample, 12 + 8 * i);
            if (length > int.MaxValue)
            {
                return (0, 0);
            }
            frames += count;
            total = checked(total + count * length);
        }
        return total > 0 ? (frames, total) : (0, 0);
    }

    /// <summary>No edit list, or one that starts with the first picture and ends behind the last.</summary>
    private static bool ShowsAll(ReadOnlySpan<byte> track, long movieScale, long timeScale, ReadOnlySpan<byte> offsets, long total)
    {
        var edits = Box(Box(track, "edts"u8), "elst"u8);
        if (edits.IsEmpty)
        {
            return true;
        }
        bool isShort = edits[0] == 0;
        if (Number(edits, 4) != 1 || Number(edits, isShort ? 16 : 24) != 1 << 16)
        {
            return false;
        }
        long duration = isShort ? Number(edits, 8) : BinaryPrimitives.ReadInt64BigEndian(edits[8..]);
        long start = isShort ? (int)Number(edits, 12) : BinaryPrimitives.ReadInt64BigEndian(edits[16..]);
        long first = offsets.IsEmpty ? 0 : Number(offsets, 12);
        return start >= 0 && start <= first && checked(duration * timeScale) >= checked(total * movieScale);
    }

    /// <summary>The content of the n-th box of a type; empty where there is none.</summary>
    private static ReadOnlySpan<byte> Box(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type, int number = 0)
    {
        while (boxes.Length >= BoxHead)
        {
            long size = Number(boxes, 0);
            if (size < BoxHead || size > boxes.Length)
            {
                return default;
            }
            if (boxes.Slice(4, 4).SequenceEqual(type) && number-- == 0)
            {
                return boxes[BoxHead..(int)size];
            }
            boxes = boxes[(int)size..];
        }
        return default;
    }

    private static long Number(ReadOnlySpan<byte> box, int at) => BinaryPrimitives.ReadUInt32BigEndian(box[at..]);

    private static int Half(ReadOnlySpan<byte> box, int at) => BinaryPrimitives.ReadUInt16BigEndian(box[at..]);
}
