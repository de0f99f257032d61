using System.Buffers.Binary;

namespace ByolSharp.Images.Decoding;

/// <summary>The chunks of a PNG file, walked to IEND.</summary>
internal static class PngStructure
{
    private const int SignatureLength = 8, ChunkOverhead = 12;

    public static EncodedImage Walk(ReadOnlySpan<byte> file)
    {
        var facts = new EncodedImage("PNG");
        for (long at = SignatureLength; at + ChunkOverhead <= file.Length;)
        {
            ReadOnlySpan<byte> chunk = file[(int)at..];
            uint length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (at + ChunkOverhead + length > file.Length)
            {
                break;
            }

            ReadOnlySpan<byte> type = chunk.Slice(4, 4), content = chunk.Slice(8, (int)length);
            if (type.SequenceEqual("IEND"u8))
            {
                return facts;
            }

            if (type.SequenceEqual("IHDR"u8) && content.Length == 13)
            {
                facts = Header(facts, content);
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                facts = facts with { Orientation = ExifOrientation.Read(content) };
            }

            at += ChunkOverhead + length;
        }

        return facts with { IsTruncated = true };
    }

    private static EncodedImage Header(EncodedImage facts, ReadOnlySpan<byte> header)
    {
        const int grey = 0, greyAlpha = 4;
        (int bitDepth, int colourType) = (header[8], header[9]);
        return facts with
        {
            Width = BinaryPrimitives.ReadInt32BigEndian(header),
            Height = BinaryPrimitives.ReadInt32BigEndian(header[4..]),
            IsGrey = colourType is grey or greyAlpha,
            NeedsVips = bitDepth == 16,
        };
    }
}
