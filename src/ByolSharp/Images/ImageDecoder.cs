using ByolSharp.Images.Decoding;
using ByolSharp.Sources;
using SkiaSharp;

namespace ByolSharp.Images;

/// <summary>
/// Turns encoded bytes into an <see cref="Image"/>: JPEG, PNG, WebP, GIF (first frame), BMP and TIFF, told apart by content and
/// never by file name. Channels and bit depth stay as stored: 16 bits give <see cref="PixelFormat.UInt16"/>, float gives
/// <see cref="PixelFormat.Float32"/>. Palettes are expanded, CMYK and Lab become RGB, the EXIF orientation is applied.
/// Safe to call from several threads; one call uses one thread.
/// </summary>
/// <remarks>
/// Sequential JPEGs are decoded by the system's libturbojpeg where it is installed: the same pixels as by Skia in about half of the time.
/// Skia decodes all other 8-bit JPEG, PNG, WebP, GIF and BMP; libvips decodes what Skia cannot: TIFF, 16-bit PNG, CMYK JPEG. Both give the
/// same pixels, but libvips sets up a pipeline for every image. Images a second on one core (EPYC Milan 2.45 GHz), this class
/// against libvips: photos of 400 x 534 JPEG 626 / 568, 64 x 64 JPEG 18,700 / 2,900, 32 x 32 PNG 30,500 / 1,500, 32 x 32 WebP
/// 40,200 / 2,000. Skia takes a progressive JPEG or a WebP that was cut short for whole, so the structure of the file is walked
/// first. The first use of libvips sets it, for the whole process, to one thread a call, no cache and no messages on the console.
/// </remarks>
public sealed class ImageDecoder
{
    /// <summary>A decoder with the default limits.</summary>
    public static ImageDecoder Default { get; } = new();

    /// <summary>What decodes sequential JPEGs here: <c>libturbojpeg</c>, or <c>Skia</c> where that library is absent or decodes otherwise.</summary>
    public static string JpegLibrary => TurboJpegDecoder.IsUsable ? "libturbojpeg" : "Skia";

    /// <summary>
    /// Other versions may make other pixels of the same bytes; libturbojpeg makes the same. The first number is ours: raise it when our part
    /// changes what comes out.
    /// </summary>
    internal static string Version { get; } = $"1 skia {VersionOf(typeof(SKCodec))} vips {VersionOf(typeof(NetVips.Image))}";

    /// <summary>The most pixels that an image may declare, against decompression bombs; default 178,956,970 (512 MiB of RGB).</summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>
    /// Short side in pixels that is enough; 0 (default) decodes at full size. An 8-bit JPEG is decoded at the smallest of 1/8, 1/4, 1/2 and its
    /// full size whose short side is at least this: photos of 400 x 534 pixels decode 1.9, 2.9 and 4 times as fast at 1/2, 1/4 and 1/8 (EPYC
    /// Genoa 2.6 GHz). The size of the <see cref="Image"/> is then the decoded one. Other formats are not affected.
    /// </summary>
    public int ShortSide { get; init; }

    /// <summary>False keeps to Skia where libturbojpeg would serve; the pixels are the same, which is what the tests show with it.</summary>
    internal bool TriesTurboJpeg { get; init; } = true;

    /// <summary>Decodes an image.</summary>
    /// <param name="encoded">The content of an image file.</param>
    /// <exception cref="UnreadableSampleException">
    /// Empty, truncated, corrupt, too large or not an image; the message says which.
    /// </exception>
    public Image Decode(ReadOnlySpan<byte> encoded)
    {
        EncodedImage facts = EncodedImage.Inspect(encoded);
        if (facts.IsTruncated)
        {
            throw new UnreadableSampleException($"truncated {facts.Name}");
        }

        CheckSize(facts.Width, facts.Height);
        return facts.NeedsVips
            ? VipsDecoder.Decode(encoded, facts, CheckSize)
            : (TriesTurboJpeg ? TurboJpegDecoder.TryDecode(encoded, facts, ShortSide) : null)
                ?? SkiaDecoder.Decode(encoded, facts, ShortSide, CheckSize);
    }

    /// <summary>Decodes the rest of a stream; see <see cref="Decode(ReadOnlySpan{byte})"/>.</summary>
    /// <exception cref="UnreadableSampleException">As there, or the stream cannot be read.</exception>
    public Image Decode(Stream encoded)
    {
        using var buffer = new MemoryStream();
        try
        {
            encoded.CopyTo(buffer);
        }
        catch (IOException e)
        {
            throw new UnreadableSampleException($"cannot be read: {e.Message}", e);
        }

        return Decode(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    /// <summary>Decodes a file; see <see cref="Decode(ReadOnlySpan{byte})"/>.</summary>
    /// <exception cref="UnreadableSampleException">As there, or the file is missing or may not be read.</exception>
    public Image DecodeFile(string path) => Decode(new StoredFile(path).Read());

    private static Version? VersionOf(Type type) => type.Assembly.GetName().Version;

    private void CheckSize(int width, int height)
    {
        if ((long)width * height > MaxPixels)
        {
            throw new UnreadableSampleException(FormattableString.Invariant(
                $"too large: {width} x {height} pixels, the limit is {MaxPixels:N0} (data.maxPixels)"));
        }
    }
}
