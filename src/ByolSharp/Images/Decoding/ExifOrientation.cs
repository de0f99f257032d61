using System.Buffers.Binary;

namespace ByolSharp.Images.Decoding;

/// <summary>The orientation tag of EXIF data: how a camera was held.</summary>
internal static class ExifOrientation
{
    private const int OrientationTag = 0x0112, EntryLength = 12;

    /// <summary>The orientation, 1 to 8, in EXIF data that starts with its TIFF header; 1 where there is none that makes sense.</summary>
    public static int Read(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8 || exif[0] != exif[1] || exif[0] is not ((byte)'I' or (byte)'M'))
        {
            return 1;
        }

        bool little = exif[0] == 'I';
        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return 1;
        }

        int count = Word(exif, (int)directory, little);
        for (int entry = (int)directory + 2; count > 0 && entry + EntryLength <= exif.Length; count--, entry += EntryLength)
        {
            if (Word(exif, entry, little) == OrientationTag)
            {
                return Word(exif, entry + 8, little) is >= 1 and <= 8 and int orientation ? orientation : 1;
            }
        }

        return 1;
    }

    /// <summary>Turns an image upright.</summary>
    public static Image Apply(int orientation, int width, int height, int channels, byte[] pixels)
    {
        if (orientation == 1)
        {
            return new Image(width, height, channels, pixels);
        }

        // Where the pixel to the right and the pixel below, in the upright image, lie in the stored one.
        (int startX, int startY, int right, int down) = orientation switch
        {
            2 => (width - 1, 0, -1, width),
            3 => (width - 1, height - 1, -1, -width),
            4 => (0, height - 1, 1, -width),
            5 => (0, 0, width, 1),
            6 => (0, height - 1, -width, 1),
            7 => (width - 1, height - 1, -width, -1),
            _ => (width - 1, 0, width, -1),
        };
        (int uprightWidth, int uprightHeight) = orientation >= 5 ? (height, width) : (width, height);
        var upright = new byte[pixels.Length];
        int to = 0;
        for (int y = 0; y < uprightHeight; y++)
        {
            long from = (long)startY * width + startX + (long)y * down;
            for (int x = 0; x < uprightWidth; x++, from += right, to += channels)
            {
                pixels.AsSpan((int)(from * channels), channels).CopyTo(upright.AsSpan(to));
            }
        }

        return new Image(uprightWidth, uprightHeight, channels, upright);
    }

    private static int Word(ReadOnlySpan<byte> exif, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(exif[at..]) : BinaryPrimitives.ReadUInt16BigEndian(exif[at..]);
}
