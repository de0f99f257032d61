using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Video;

/// <summary>A picture of what the augmentations do to clips: of each sample a strip of frames as they are, and strips of draws of T and T'.</summary>
public static class ClipSheet
{
    private const int MostFrames = 8, Gap = 2, SmallestCell = 64, LargestCell = 128;

    /// <summary>
    /// Writes a PNG file. The draws in line k are the very first two views that training with this seed sees of the video in epoch k; of long clips
    /// every n-th frame is shown, so that there are at most 8.
    /// </summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="data">Where the samples come from, spread over the data set.</param>
    /// <param name="views">Both distributions.</param>
    /// <param name="options">How clips are taken.</param>
    /// <param name="imageSize">Width and height of a view in pixels; small views are enlarged without smoothing.</param>
    /// <param name="samples">Videos, at most as many as the data set has.</param>
    /// <param name="drawsPerView">Draws of each distribution.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static void Write(
        string path, VideoDataset data, ImageViewOptions views, VideoOptions options, int imageSize, int samples = 4, int drawsPerView = 2, long seed = 0)
    {
        using var bitmap = Draw(data, views, options, imageSize, samples, drawsPerView, seed);
        SheetDrawing.Save(bitmap, path);
    }

    /// <summary>The picture that <see cref="Write"/> puts into a file; belongs to the caller.</summary>
    internal static SKBitmap Draw(VideoDataset data, ImageViewOptions views, VideoOptions options, int imageSize, int samples, int drawsPerView, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(samples);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(drawsPerView);
        var source = new VideoViewSource(data, views, options, imageSize, seed);
        samples = Math.Min(samples, data.Count);
        int every = (options.Frames + MostFrames - 1) / MostFrames;
        var layout = new Layout(SheetDrawing.CellOf(imageSize, SmallestCell, LargestCell), (options.Frames + every - 1) / every, drawsPerView);
        var bitmap = new SKBitmap(new SKImageInfo(layout.Width, layout.SampleY(samples) - SheetDrawing.RowGap + SheetDrawing.Margin, SKColorType.Rgba8888));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SheetDrawing.Paper);
        SheetDrawing.Heading(canvas, layout.ViewX(0), layout.StripWidth, "Original, below it view 1: T", SheetDrawing.Describe(views.T));
        SheetDrawing.Heading(canvas, layout.ViewX(1), layout.StripWidth, "View 2: T'", SheetDrawing.Describe(views.TPrime));
        var strips = new Strips(canvas, layout, views, options, imageSize, every);
        for (int row = 0; row < samples; row++)
        {
            int index = SheetDrawing.SampleOf(row, samples, data.Count), y = layout.SampleY(row);
            SheetDrawing.Text(canvas, data.NameOf(index), SheetDrawing.Margin, y, layout.Width - 2 * SheetDrawing.Margin, SheetDrawing.Muted);
            try
            {
                strips.Draw(data, source, index, y + SheetDrawing.Line);
            }
            catch (UnreadableSampleException error)
            {
                SheetDrawing.Text(canvas, error.Message, SheetDrawing.Margin, y + SheetDrawing.Line + layout.Cell / 2, layout.Width - 2 * SheetDrawing.Margin, SheetDrawing.Ink);
            }
        }
        return bitmap;
    }

    private sealed class Strips(SKCanvas canvas, Layout layout, ImageViewOptions views, VideoOptions options, int size, int every)
    {
        internal void Draw(VideoDataset data, VideoViewSource source, int index, int y)
        {
            var frames = data.Read(index, ClipSampling.Spread(data.FactsOf(index), options with { EvalClips = 1 }, 0));
            for (int shown = 0; shown < layout.Frames; shown++)
            {
                SheetDrawing.Fitted(canvas, frames[shown * every], layout.CellAt(0, shown, y));
            }
            var all = new float[options.Clips * ClipLength];
            for (int draw = 0; draw < layout.Draws; draw++)
            {
                var drawn = new ViewSpans(all, options.Clips);
                source.Draw(epoch: draw, index, drawn);
                for (int view = 0; view < 2; view++)
                {
                    DrawClip(drawn[view], view, y + (draw + 1) * (layout.Cell + Gap));
                }
            }
        }

        private int ClipLength => 3 * options.Frames * size * size;

        private void DrawClip(ReadOnlySpan<float> clip, int view, int y)
        {
            var frame = new float[3 * size * size];
            for (int shown = 0; shown < layout.Frames; shown++)
            {
                ClipLayout.Take(clip, shown * every, options.Frames, 3, frame);
                SheetDrawing.View(canvas, frame, size, views, layout.CellAt(view, shown, y));
            }
        }
    }

    private readonly record struct Layout(int Cell, int Frames, int Draws)
    {
        public int StripWidth => Frames * (Cell + Gap) - Gap;

        public int Width => ViewX(1) + StripWidth + SheetDrawing.Margin;

        public int ViewX(int view) => SheetDrawing.Margin + view * (StripWidth + SheetDrawing.GroupGap);

        public int SampleY(int row) =>
            SheetDrawing.Margin + 2 * SheetDrawing.Line + SheetDrawing.RowGap + row * (SheetDrawing.Line + (Draws + 1) * (Cell + Gap) + SheetDrawing.RowGap);

        public SKRectI CellAt(int view, int frame, int y) => SKRectI.Create(ViewX(view) + frame * (Cell + Gap), y, Cell, Cell);
    }
}
