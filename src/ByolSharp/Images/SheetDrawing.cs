using System.Globalization;
using SkiaSharp;

namespace ByolSharp.Images;

/// <summary>What the contact sheets of all kinds of data are drawn with: colours, texts, pictures in cells.</summary>
internal static class SheetDrawing
{
    internal const int Margin = 28, GroupGap = 26, RowGap = 20, Line = PixelFont.LineHeight * TextScale + 6;
    private const int TextScale = 2;
    private static readonly SKColor _rule = new(0xD9, 0xDA, 0xD4);

    internal static SKColor Paper { get; } = new(0xFA, 0xFA, 0xF7);

    internal static SKColor Ink { get; } = new(0x22, 0x26, 0x2B);

    internal static SKColor Muted { get; } = new(0x7A, 0x80, 0x87);

    /// <summary>The sample of a row: spread over the data set, but not in equal steps, which would meet one class only where classes take turns.</summary>
    internal static int SampleOf(int row, int rows, int count)
    {
        int from = (int)((long)row * count / rows), until = (int)((row + 1L) * count / rows);
        return from + new SampleRandom(row).NextInt(until - from);
    }

    /// <summary>Side of a cell. Small views grow by a whole factor, so that every pixel of theirs is a square; large ones shrink.</summary>
    internal static int CellOf(int imageSize, int smallest, int largest) =>
        imageSize >= smallest ? Math.Min(imageSize, largest) : imageSize * ((smallest + imageSize - 1) / imageSize);

    /// <summary>A line of text, cut where it is too long.</summary>
    internal static void Text(SKCanvas canvas, string text, int x, int y, int width, SKColor color) =>
        PixelFont.Draw(canvas, PixelFont.Fit(text, width / (PixelFont.Advance * TextScale)), x, y, TextScale, color);

    /// <summary>Two lines over a column, and a rule.</summary>
    internal static void Heading(SKCanvas canvas, int x, int width, string title, string detail)
    {
        Text(canvas, title, x, Margin, width, Ink);
        Text(canvas, detail, x, Margin + Line, width, Muted);
        using var paint = new SKPaint { Color = _rule };
        canvas.DrawRect(x, Margin + 2 * Line, width, 2, paint);
    }

    /// <summary>What tells two distributions apart.</summary>
    internal static string Describe(AugmentationOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"blur {options.BlurProbability:0.##}  solarize {options.SolarizeProbability:0.##}");

    /// <summary>A [channels, size, size] view as it was before its normalisation.</summary>
    internal static void View(SKCanvas canvas, ReadOnlySpan<float> view, int size, ImageViewOptions views, SKRectI cell)
    {
        int channels = view.Length / (size * size);
        var mean = views.MeanFor(channels);
        var std = views.StdFor(channels);
        float[] values = view.ToArray();
        using var bitmap = ToBitmap(size, size, channels, (pixel, c) => values[c * size * size + pixel] * std[c] + mean[c]);
        Fitted(canvas, bitmap, cell);
    }

    /// <summary>An image as large as it fits into a cell.</summary>
    internal static void Fitted(SKCanvas canvas, Image image, SKRectI cell)
    {
        double gain = CropResize.GainOf(image.Format);
        using var bitmap = ToBitmap(image.Width, image.Height, image.Channels, (pixel, c) => gain * image.Format switch
        {
            PixelFormat.UInt8 => image.Bytes[pixel * image.Channels + c],
            PixelFormat.UInt16 => image.Words[pixel * image.Channels + c],
            _ => image.Floats[pixel * image.Channels + c],
        });
        Fitted(canvas, bitmap, cell);
    }

    /// <summary>Writes a sheet as PNG.</summary>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    internal static void Save(SKBitmap bitmap, string path)
    {
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            using var file = File.Create(path);
            bitmap.Encode(file, SKEncodedImageFormat.Png, quality: 100);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write {path}: {error.Message}", error);
        }
    }

    /// <summary>A bitmap of values in [0, 1], told by pixel and channel.</summary>
    internal static SKBitmap ToBitmap(int width, int height, int channels, Func<int, int, double> valueOf)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var (green, blue) = channels >= 3 ? (1, 2) : (0, 0);
        for (int pixel = 0; pixel < width * height; pixel++)
        {
            var color = new SKColor(Level(valueOf(pixel, 0)), Level(valueOf(pixel, green)), Level(valueOf(pixel, blue)));
            bitmap.SetPixel(pixel % width, pixel / width, color);
        }

        return bitmap;
    }

    private static byte Level(double value) => (byte)Math.Clamp(value * 255 + 0.5, 0, 255);

    private static void Fitted(SKCanvas canvas, SKBitmap bitmap, SKRectI cell)
    {
        double scale = Math.Min((double)cell.Width / bitmap.Width, (double)cell.Height / bitmap.Height);
        int width = Math.Max(1, (int)Math.Round(bitmap.Width * scale)), height = Math.Max(1, (int)Math.Round(bitmap.Height * scale));
        var target = SKRectI.Create(cell.Left + (cell.Width - width) / 2, cell.Top + (cell.Height - height) / 2, width, height);
        var sampling = scale >= 1 ? new SKSamplingOptions(SKFilterMode.Nearest) : new(SKFilterMode.Linear, SKMipmapMode.Linear);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, target, sampling, null);
    }
}
