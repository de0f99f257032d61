using SkiaSharp;

namespace ByolSharp.Images;

/// <summary>A picture of what the augmentations do: a row a sample with the original, draws of T and draws of T'.</summary>
public static class ContactSheet
{
    private const int Margin = SheetDrawing.Margin, Gap = 6, GroupGap = SheetDrawing.GroupGap, RowGap = SheetDrawing.RowGap, SmallestCell = 96, LargestCell = 256;
    private const int Line = SheetDrawing.Line;

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
        SheetDrawing.Save(bitmap, path);
    }

    /// <summary>The picture that <see cref="Write"/> puts into a file; belongs to the caller.</summary>
    internal static SKBitmap Draw(ImageDataset data, ImageViewSource source, ImageViewOptions views, int imageSize, int samples, int drawsPerView)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(drawsPerView);
        samples = Math.Min(samples, data.Count);
        int cell = SheetDrawing.CellOf(imageSize, SmallestCell, LargestCell);
        var layout = new Layout(cell, drawsPerView);
        var bitmap = new SKBitmap(new SKImageInfo(layout.Width, layout.RowY(samples) - RowGap + Margin, SKColorType.Rgba8888));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SheetDrawing.Paper);
        DrawHeadings(canvas, layout, views);
        for (int row = 0; row < samples; row++)
        {
            DrawRow(canvas, layout, row, data, source, SheetDrawing.SampleOf(row, samples, data.Count), views);
        }
        return bitmap;
    }

    private static void DrawHeadings(SKCanvas canvas, Layout layout, ImageViewOptions views)
    {
        SheetDrawing.Heading(canvas, layout.OriginalX, layout.Cell, "Original", "");
        SheetDrawing.Heading(canvas, layout.ViewX(0, 0), layout.GroupWidth, "View 1: T", SheetDrawing.Describe(views.T));
        SheetDrawing.Heading(canvas, layout.ViewX(1, 0), layout.GroupWidth, "View 2: T'", SheetDrawing.Describe(views.TPrime));
    }

    private static void DrawRow(
        SKCanvas canvas, Layout layout, int row, ImageDataset data, ImageViewSource source, int index, ImageViewOptions views)
    {
        int y = layout.RowY(row);
        SheetDrawing.Text(canvas, data.NameOf(index), Margin, y, layout.Width - 2 * Margin, SheetDrawing.Muted);
        y += Line;
        var (channels, size) = ((int)source.ViewShape[0], (int)source.ViewShape[1]);
        var both = new float[2 * channels * size * size];
        try
        {
            SheetDrawing.Fitted(canvas, data.Read(index), SKRectI.Create(layout.OriginalX, y, layout.Cell, layout.Cell));

            for (int draw = 0; draw < layout.Draws; draw++)
            {
                var drawn = new ViewSpans(both, 2);
                source.Draw(epoch: draw, index, drawn);
                SheetDrawing.View(canvas, drawn[0], size, views, SKRectI.Create(layout.ViewX(0, draw), y, layout.Cell, layout.Cell));
                SheetDrawing.View(canvas, drawn[1], size, views, SKRectI.Create(layout.ViewX(1, draw), y, layout.Cell, layout.Cell));
            }
        }
        catch (UnreadableSampleException error)
        {
            SheetDrawing.Text(canvas, error.Message, Margin, y + layout.Cell / 2, layout.Width - 2 * Margin, SheetDrawing.Ink);
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
