using System.Buffers.Binary;

namespace ByolSharp.Images.Decoding;

/// <summary>The RIFF chunks of a WebP file.</summary>
internal static class WebpStructure
{
    public static EncodedImage Walk(ReadOnlySpan<byte> file)
    {
        var facts = new EncodedImage("WebP");
        long end = 8 + (long)BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (end > file.Length)
        {
            return facts with { IsTruncated = true };
        }

        for (long at = 12; at + 8 <= end;)
        {
            ReadOnlySpan<byte> chunk = file[(int)at..(int)end];
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            if (chunk.StartsWith("EXIF"u8) && length <= chunk.Length - 8)
            {
                ReadOnlySpan<byte> exif = chunk.Slice(8, (int)length);
                return facts with { Orientation = ExifOrientation.Read(exif.StartsWith("Exif\0\0"u8) ? exif[6..] : exif) };
            }

            at += 8 + length + (length & 1);
        }

        return facts;
    }
}
