using System.Buffers.Binary;

namespace ByolSharp.Images.Decoding;

/// <summary>The marker segments of a JPEG file (ITU T.81, annex B), walked to the end-of-image marker.</summary>
internal static class JpegStructure
{
    private const byte Baseline = 0xC0, ExtendedSequential = 0xC1, EndOfImage = 0xD9, App1 = 0xE1;

    public static EncodedImage Walk(ReadOnlySpan<byte> file)
    {
        var facts = new EncodedImage("JPEG");
        int at = 2;
        while (NextMarker(file, ref at, out byte marker))
        {
            if (marker == EndOfImage)
            {
                return facts;
            }

            if (at + 2 > file.Length)
            {
                break;
            }

            int length = BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length < 2)
            {
                throw new UnreadableSampleException(facts.CorruptMessage);
            }

            if (at + length > file.Length)
            {
                break;
            }

            facts = Note(facts, marker, file.Slice(at + 2, length - 2));
            at += length;
        }

        return facts with { IsTruncated = true };
    }

    /// <summary>The smallest of 1/8, 1/4, 1/2 and the full size, all of which libjpeg decodes to by itself, whose short side is long enough.</summary>
    /// <param name="width">Full width.</param>
    /// <param name="height">Full height.</param>
    /// <param name="shortSide">The short side that is enough, or 0 for the full size.</param>
    public static (int Width, int Height) ScaledSize(int width, int height, int shortSide)
    {
        for (int divisor = 8; divisor > 1 && shortSide > 0; divisor /= 2)
        {
            (int scaledWidth, int scaledHeight) = ((width + divisor - 1) / divisor, (height + divisor - 1) / divisor);
            if (Math.Min(scaledWidth, scaledHeight) >= shortSide)
            {
                return (scaledWidth, scaledHeight);
            }
        }

        return (width, height);
    }

    private static EncodedImage Note(EncodedImage facts, byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker == App1 && segment.StartsWith("Exif\0\0"u8))
        {
            return facts with { Orientation = ExifOrientation.Read(segment[6..]) };
        }

        bool startsFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
        if (!startsFrame || segment.Length < 6)
        {
            return facts;
        }

        (int precision, int components) = (segment[0], segment[5]);
        return facts with
        {
            Height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]),
            Width = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]),
            IsGrey = components == 1,
            IsSequentialJpeg = marker is Baseline or ExtendedSequential,
            NeedsVips = precision != 8 || components is not (1 or 3),
        };
    }

    /// <summary>Moves behind the next marker that opens a segment or ends the image, passing over entropy-coded data.</summary>
    private static bool NextMarker(ReadOnlySpan<byte> file, ref int at, out byte marker)
    {
        while (at < file.Length && file[at..].IndexOf((byte)0xFF) is >= 0 and int offset && at + offset + 1 < file.Length)
        {
            marker = file[at + offset + 1];
            bool isFill = marker == 0xFF;
            at += offset + (isFill ? 1 : 2);
            bool isData = marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD7);
            if (!isFill && !isData)
            {
                return true;
            }
        }

        marker = 0;
        return false;
    }
}
