using System.Runtime.CompilerServices;
using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Benchmarks;

/// <summary>The images that are measured: photos that lie beside the checkout, and generated ones that are always there.</summary>
internal static class Samples
{
    private static readonly string PhotoFolder = Path.GetFullPath(Path.Combine(SourceFolder(), "..", "..", "..", "shared", "data", "photos"));

    /// <summary>What can decode sequential JPEGs here.</summary>
    public static IEnumerable<string> JpegLibraries => new[] { ImageDecoder.JpegLibrary, "Skia" }.Distinct();

    /// <summary>A decoder that uses one of <see cref="JpegLibraries"/>.</summary>
    public static ImageDecoder Decoder(string jpegLibrary, int shortSide = 0) => new() { TriesTurboJpeg = jpegLibrary != "Skia", ShortSide = shortSide };

    /// <summary>The first JPEG files, of 400 x 534 pixels and the like, in ordinal order.</summary>
    /// <exception cref="UnusableDataException">They are absent; the benchmark shows no figure then.</exception>
    public static byte[][] Photos(int count)
    {
        if (!Directory.Exists(PhotoFolder))
        {
            throw new UnusableDataException($"no photos in '{PhotoFolder}': this benchmark needs a folder of JPEG photos there");
        }

        return [.. Directory.EnumerateFiles(PhotoFolder, "*.jpg", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Take(count).Select(File.ReadAllBytes)];
    }

    /// <summary>Generated images of 32 x 32 pixels.</summary>
    public static Image[] Small(int count)
    {
        using var generated = new GeneratedImages(new() { Count = count });
        return [.. Enumerable.Range(0, count).Select(generated.Read)];
    }

    /// <summary>An image of 3 channels as a file.</summary>
    /// <param name="image">8 bits a channel.</param>
    /// <param name="format">JPEG (quality 90) or PNG.</param>
    /// <param name="enlarge">Factor on both sides.</param>
    public static byte[] Encode(Image image, SKEncodedImageFormat format, int enlarge = 1)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width * enlarge, image.Height * enlarge, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = bitmap.GetPixelSpan();
        for (int i = 0; i < bitmap.Width * bitmap.Height; i++)
        {
            int from = (i / bitmap.Width / enlarge * image.Width + i % bitmap.Width / enlarge) * 3;
            image.Bytes.Slice(from, 3).CopyTo(pixels[(4 * i)..]);
            pixels[4 * i + 3] = byte.MaxValue;
        }

        using SKData encoded = bitmap.Encode(format, quality: 90);
        return encoded.ToArray();
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
