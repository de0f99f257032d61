namespace ByolSharp.Images.Decoding;

/// <summary>What the structure of an image file tells before any pixel is decoded.</summary>
/// <remarks>Fields that the structure does not tell cheaply (size of GIF, BMP and TIFF) are 0; the decoders check them later.</remarks>
internal readonly record struct EncodedImage(string Name)
{
    /// <summary>The file ends before its structure does.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Declared width.</summary>
    public int Width { get; init; }

    /// <summary>Declared height.</summary>
    public int Height { get; init; }

    /// <summary>EXIF orientation, 1 to 8; 1 is upright.</summary>
    public int Orientation { get; init; } = 1;

    /// <summary>Grey with or without alpha, which a decoder might hand out as RGB.</summary>
    public bool IsGrey { get; init; }

    /// <summary>A JPEG of the common kind: sequential and Huffman-coded.</summary>
    public bool IsSequentialJpeg { get; init; }

    /// <summary>Beyond what Skia keeps: 16 bits, CMYK, TIFF.</summary>
    public bool NeedsVips { get; init; }

    /// <summary>The message where a file of this kind is whole but its content makes no sense.</summary>
    public string CorruptMessage => $"corrupt {Name}";

    /// <summary>Recognises the format by its first bytes and walks its structure.</summary>
    /// <exception cref="UnreadableSampleException">Empty, or no image format that is known.</exception>
    public static EncodedImage Inspect(ReadOnlySpan<byte> file) => file switch
    {
        [] => throw new UnreadableSampleException("empty file"),
        [0xFF, 0xD8, ..] => JpegStructure.Walk(file),
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => PngStructure.Walk(file),
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
            WebpStructure.Walk(file),
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => new("GIF"),
        [(byte)'B', (byte)'M', ..] => new("BMP"),
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => new("TIFF") { NeedsVips = true },
        _ => throw new UnreadableSampleException("not an image (JPEG, PNG, WebP, GIF, TIFF or BMP)"),
    };
}
