using System.Globalization;
using SkiaSharp;

namespace ByolSharp.Images;

/// <summary>A picture of what the augmentations do: a row a sample with the original, draws of T and draws of T'.</summary>
public static class ContactSheet
{
    private const int Margin = 28, Gap = 6, GroupGap = 26, RowGap = 20, TextScale = 2, SmallestCell = 96, LargestCell = 256;
    private const int Line = PixelFont.LineHeight * TextScale + 6;
    private static readonly SKColor _paper = new(0xFA, 0xFA, 0xF7), _ink = new(0x22, 0x26, 0x2B), _muted = new(0x7A, 0x80, 0x87);
    private static readonly SKColor _rule = new(0xD9, 0xDA, 0xD4);

    /// <summary>
    /// Writes a PNG file. The draw in column k is the very view that training with this seed sees of the sample in epoch k.
    /// Images of one or two channels appear grey, of more in their first three.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="data">Where the samples come from, spread evenly over the data set.</param>
    /// <param name="views">Both distributions.</param>
    /// <param name="imageSize">Width and height of a view in pixels; small views are enlarged without smoothing.</param>
    /// <param name="samples">Rows, at most as many as the data set has samples.</param>
    /// <param name="drawsPerView">Draws of each distribution in a row.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="UnusableDataException">No image can be read.</exception>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static void Write(
        string path, ImageDataset data, ImageViewOptions views, int imageSize, int samples = 8, int drawsPerView = 4, long seed = 0)
    {
        using var bitmap = Draw(data, new ImageViewSource(data, views, imageSize, seed), views, imageSize, samples, drawsPerView);
        Save(bitmap, path);
    }

    /// <summary>The picture that <see cref="Write"/> puts into a file; belongs to the caller.</summary>
    internal static SKBitmap Draw(ImageDataset data, ImageViewSource source, ImageViewOptions views, int imageSize, int samples, int drawsPerView)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(drawsPerView);
        samples = Math.Min(samples, data.Count);
        int cell = CellOf(imageSize);
        var layout = new Layout(cell, drawsPerView);
        var bitmap = new SKBitmap(new SKImageInfo(layout.Width, layout.RowY(samples) - RowGap + Margin, SKColorType.Rgba8888));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(_paper);
        DrawHeadings(canvas, layout, views);
        for (int row = 0; row < samples; row++)
        {
            int from = (int)((long)row * data.Count / samples), until = (int)((row + 1L) * data.Count / samples);
            int index = from + new SampleRandom(row).NextInt(until - from); // equal steps would meet one class only where classes take turns
            DrawRow(canvas, layout, row, data, source, index, views);
        }
        return bitmap;
    }

    // Small views grow by a whole factor, so that every pixel of theirs is a square; large ones shrink.
    private static int CellOf(int imageSize) =>
        imageSize >= SmallestCell ? Math.Min(imageSize, LargestCell) : imageSize * ((SmallestCell + imageSize - 1) / imageSize);

    private static void DrawHeadings(SKCanvas canvas, Layout layout, ImageViewOptions views)
    {
        Heading(canvas, layout.OriginalX, layout.Cell, "Original", "");
        Heading(canvas, layout.ViewX(0, 0), layout.GroupWidth, "View 1: T", Describe(views.T));
        Heading(canvas, layout.ViewX(1, 0), layout.GroupWidth, "View 2: T'", Describe(views.TPrime));
    }

    private static void Heading(SKCanvas canvas, int x, int width, string title, string detail)
    {
        int characters = width / (PixelFont.Advance * TextScale);
        PixelFont.Draw(canvas, PixelFont.Fit(title, characters), x, Margin, TextScale, _ink);
        PixelFont.Draw(canvas, PixelFont.Fit(detail, characters), x, Margin + Line, TextScale, _muted);
        using var paint = new SKPaint { Color = _rule };
        canvas.DrawRect(x, Margin + 2 * Line, width, 2, paint);
    }

    private static string Describe(AugmentationOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"blur {options.BlurProbability:0.##}  solarize {options.SolarizeProbability:0.##}");

    private static void DrawRow(
        SKCanvas canvas, Layout layout, int row, ImageDataset data, ImageViewSource source, int index, ImageViewOptions views)
    {
        int y = layout.RowY(row);
        int characters = (layout.Width - 2 * Margin) / (PixelFont.Advance * TextScale);
        PixelFont.Draw(canvas, PixelFont.Fit(data.NameOf(index), characters), Margin, y, TextScale, _muted);
        y += Line;
        var (channels, size) = ((int)source.ViewShape[0], (int)source.ViewShape[1]);
        var both = new float[2 * channels * size * size];
        try
        {
            using (var original = ToBitmap(data.Read(index)))
            {
                DrawFitted(canvas, original, SKRectI.Create(layout.OriginalX, y, layout.Cell, layout.Cell));
            }

            for (int draw = 0; draw < layout.Draws; draw++)
            {
                var drawn = new ViewSpans(both, 2);
                source.Draw(epoch: draw, index, drawn);
                DrawView(canvas, drawn[0], size, views, layout.ViewX(0, draw), y, layout.Cell);
                DrawView(canvas, drawn[1], size, views, layout.ViewX(1, draw), y, layout.Cell);
            }
        }
        catch (UnreadableSampleException error)
        {
            PixelFont.Draw(canvas, PixelFont.Fit(error.Message, characters), Margin, y + layout.Cell / 2, TextScale, _ink);
        }
    }

    private static void DrawView(SKCanvas canvas, ReadOnlySpan<float> view, int size, ImageViewOptions views, int x, int y, int cell)
    {
        int channels = view.Length / (size * size);
        var mean = views.MeanFor(channels);
        var std = views.StdFor(channels);
        float[] values = view.ToArray();
        using var bitmap = ToBitmap(size, size, channels, (pixel, c) => values[c * size * size + pixel] * std[c] + mean[c]);
        DrawFitted(canvas, bitmap, SKRectI.Create(x, y, cell, cell));
    }

    private static SKBitmap ToBitmap(Image image)
    {
        double gain = CropResize.GainOf(image.Format);
        return ToBitmap(image.Width, image.Height, image.Channels, (pixel, c) => gain * image.Format switch
        {
            PixelFormat.UInt8 => image.Bytes[pixel * image.Channels + c],
            PixelFormat.UInt16 => image.Words[pixel * image.Channels + c],
            _ => image.Floats[pixel * image.Channels + c],
        });
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

    private static void DrawFitted(SKCanvas canvas, SKBitmap bitmap, SKRectI cell)
    {
        double scale = Math.Min((double)cell.Width / bitmap.Width, (double)cell.Height / bitmap.Height);
        int width = Math.Max(1, (int)Math.Round(bitmap.Width * scale)), height = Math.Max(1, (int)Math.Round(bitmap.Height * scale));
        var target = SKRectI.Create(cell.Left + (cell.Width - width) / 2, cell.Top + (cell.Height - height) / 2, width, height);
        var sampling = scale >= 1 ? new SKSamplingOptions(SKFilterMode.Nearest) : new(SKFilterMode.Linear, SKMipmapMode.Linear);
        using var image = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(image, target, sampling, null);
    }

    private static void Save(SKBitmap bitmap, string path)
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

    private readonly record struct Layout(int Cell, int Draws)
    {
        public int GroupWidth => Draws * (Cell + Gap) - Gap;

        public int OriginalX => Margin;

        public int Width => ViewX(1, 0) + GroupWidth + Margin;

        public int ViewX(int view, int draw) => Margin + Cell + GroupGap + view * (GroupWidth + GroupGap) + draw * (Cell + Gap);

        public int RowY(int row) => Margin + 2 * Line + RowGap + row * (Line + Cell + RowGap);
    }
}
