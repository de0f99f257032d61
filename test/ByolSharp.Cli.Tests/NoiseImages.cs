using SkiaSharp;

namespace ByolSharp.Cli.Tests;

/// <summary>Image files of noise.</summary>
internal static class NoiseImages
{
    /// <summary>Writes a folder of PNG files, in class folders where asked for, and gives its path. Those whose paths have one length are alike unless told otherwise.</summary>
    internal static string Write(string folder, int count = 16, int classes = 0, int size = 20, bool areDifferent = false)
    {
        for (int i = 0; i < count; i++)
        {
            string place = Path.Combine(folder, classes > 0 ? $"class{i % classes}" : "");
            Directory.CreateDirectory(place);
            Save(Path.Combine(place, $"image{i:D3}.png"), size, size, SKColorType.Rgba8888, SKEncodedImageFormat.Png, areDifferent ? i : 0);
        }
        return folder;
    }

    internal static void Save(string path, int width, int height, SKColorType type, SKEncodedImageFormat format, int seed = 0)
    {
        using var bitmap = new SKBitmap(width, height, type, SKAlphaType.Opaque);
        new Random(path.Length + seed).NextBytes(bitmap.GetPixelSpan());
        using var file = File.Create(path);
        bitmap.Encode(file, format, 90);
    }
}
