using System.Runtime.InteropServices;
using SkiaSharp;

namespace ByolSharp.Images.Decoding;

/// <summary>
/// Sequential JPEGs, grey or in colour, by the system's libturbojpeg where there is one: the library that Skia brings too, but with vector
/// instructions and straight into RGB. Pixels are those of <see cref="SkiaDecoder"/> bit for bit and whatever this decoder has a doubt about is
/// left to Skia, so a result depends neither on the library nor on the machine where a run goes on.
/// </summary>
/// <remarks>
/// One exception: damage that neither library notices may ask for values far beyond black and white, which one clips and the other wraps. Progressive
/// files are left to Skia because releases smooth those with unfinished scans differently, subsamplings other than 4:4:4, 4:2:2 and 4:2:0 because
/// releases interpolate them differently, arithmetic coding because not every build has it.
/// </remarks>
internal static unsafe class TurboJpegDecoder
{
    // TJSAMP, TJCS, TJPF and TJFLAG of turbojpeg.h.
    private const int Samp444 = 0, Samp422 = 1, Samp420 = 2, SampGrey = 3;
    private const int SpaceRgb = 0, SpaceYCbCr = 1, SpaceGrey = 2;
    private const int PixelsRgb = 0, PixelsGrey = 6;
    private const int AccurateDct = 4096, StopOnWarning = 8192;

    /// <summary>Whether the library is there and has shown that it decodes as Skia does.</summary>
    public static bool IsUsable { get; } = TurboJpegLibrary.IsPresent && AgreesWithSkia();

    /// <summary>Decodes a JPEG; null where that is for Skia: a kind that is not decoded here, or anything odd about the file.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="facts">What its structure told.</param>
    /// <param name="shortSide">See <see cref="ImageDecoder.ShortSide"/>.</param>
    public static Image? TryDecode(ReadOnlySpan<byte> encoded, EncodedImage facts, int shortSide) =>
        facts.IsSequentialJpeg && IsUsable ? Decompress(encoded, facts, shortSide) : null;

    /// <summary>Decodes with a decompressor of its own.</summary>
    /// <remarks>
    /// One that served before keeps the tables of earlier files, which a file that lost its own would then be decoded with, and after an error in a
    /// header it refuses all that follow. A new one costs less than a microsecond.
    /// </remarks>
    private static Image? Decompress(ReadOnlySpan<byte> encoded, EncodedImage facts, int shortSide)
    {
        nint decompressor = TurboJpegLibrary.NewDecompressor();
        if (decompressor == 0)
        {
            return null;
        }

        try
        {
            fixed (byte* file = encoded)
            {
                return Decompress(decompressor, file, new CULong((nuint)encoded.Length), facts, shortSide);
            }
        }
        finally
        {
            TurboJpegLibrary.Destroy(decompressor);
        }
    }

    private static Image? Decompress(nint decompressor, byte* file, CULong length, EncodedImage facts, int shortSide)
    {
        if (TurboJpegLibrary.ReadHeader(decompressor, file, length, out int width, out int height, out int subsampling, out int space) != 0
            || (width, height) != (facts.Width, facts.Height)
            || !IsAlike(subsampling, space, facts.IsGrey))
        {
            return null;
        }

        (width, height) = JpegStructure.ScaledSize(width, height, shortSide);
        (int channels, int pixelFormat) = facts.IsGrey ? (1, PixelsGrey) : (3, PixelsRgb);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(width * height * channels));
        fixed (byte* target = pixels)
        {
            // A warning is damage that libjpeg bridged; what becomes of such a file is Skia's to say.
            return TurboJpegLibrary.Decompress(
                decompressor, file, length, target, width, width * channels, height, pixelFormat, AccurateDct | StopOnWarning) == 0
                ? ExifOrientation.Apply(facts.Orientation, width, height, channels, pixels)
                : null;
        }
    }

    private static bool IsAlike(int subsampling, int colourSpace, bool isGrey) => isGrey
        ? (subsampling, colourSpace) is (SampGrey, SpaceGrey)
        : (subsampling, colourSpace) is (Samp444 or Samp422 or Samp420, SpaceYCbCr or SpaceRgb);

    /// <summary>Decodes noise with both, at every scale: builds of libturbojpeg exist that trade exactness for speed.</summary>
    private static bool AgreesWithSkia()
    {
        using var noise = new SKBitmap(new SKImageInfo(50, 38, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var random = new SampleRandom(0);
        foreach (ref byte value in noise.GetPixelSpan())
        {
            value = (byte)random.NextInt(256);
        }

        using SKPixmap pixels = noise.PeekPixels();
        using SKData? encoded = pixels.Encode(new SKJpegEncoderOptions(90, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore));
        if (encoded is null)
        {
            return false;
        }

        EncodedImage facts = EncodedImage.Inspect(encoded.Span);
        foreach (int shortSide in new[] { 0, 19, 10, 5 })
        {
            Image? image = Decompress(encoded.Span, facts, shortSide);
            if (image is null || !image.Bytes.SequenceEqual(SkiaDecoder.Decode(encoded.Span, facts, shortSide, (_, _) => { }).Bytes))
            {
                return false;
            }
        }

        return true;
    }
}
