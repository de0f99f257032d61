using ByolSharp.Images;
using ByolSharp.Video;
using SkiaSharp;

namespace ByolSharp.Tests.Video;

public sealed class ClipSheetTests : IDisposable
{
    private const int Size = 16, Cell = 64, Gap = 2, Margin = 28, Frames = 6;
    private static readonly VideoOptions _options = new() { Frames = Frames, Stride = 2 };
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_draws_are_those_of_training_and_the_original_lies_above_them()
    {
        var videos = new MovingBars(1, seed: 5);
        var views = new ImageViewOptions();
        using var sheet = Write(videos, views, _options, draws: 2);
        int strip = Frames * (Cell + Gap) - Gap, second = Margin + strip + 26, top = sheet.Height - Margin - 3 * (Cell + Gap);
        Assert.Equal(second + strip + Margin, sheet.Width);

        var original = videos.Read(0, new(2, 2, Frames))[3]; // the middle clip of 16 frames, its fourth frame
        Assert.Equal(original.Bytes[0], At(sheet, Margin + 3 * (Cell + Gap), top).Red);
        var memory = new float[2 * 3 * Frames * Size * Size];
        var drawn = new ViewSpans(memory, 2);
        new VideoViewSource(videos, views, _options, Size, seed: 4).Draw(epoch: 1, 0, drawn);
        for (int view = 0; view < 2; view++)
        {
            for (int t = 0; t < Frames; t++)
            {
                float value = drawn[view][(Frames + t) * Size * Size]; // green, first pixel of frame t
                double level = 255 * (value * views.StdFor(3)[1] + views.MeanFor(3)[1]);
                int x = (view == 0 ? Margin : second) + t * (Cell + Gap);
                Assert.InRange(At(sheet, x, top + 2 * (Cell + Gap)).Green, Math.Clamp(level, 0, 255) - 1, Math.Clamp(level, 0, 255) + 1);
            }
        }
    }

    [Fact]
    public void Of_long_clips_every_few_frames_are_shown_and_a_broken_video_is_said_to_be_so()
    {
        using var sheet = Write(new MovingBars(1, seed: 5), new(), _options with { Frames = 16, Stride = 1 }, draws: 1);
        Assert.Equal(2 * Margin + 26 + 2 * (8 * (Cell + Gap) - Gap), sheet.Width);

        using var broken = Write(new BrokenVideo(), new(), _options, draws: 1);
        int middle = broken.Height - Margin - 2 * (Cell + Gap) + Cell / 2;
        Assert.Contains(Enumerable.Range(Margin, 100), x => At(broken, x, middle + 4).Red < 80);
    }

    private SKBitmap Write(VideoDataset videos, ImageViewOptions views, VideoOptions options, int draws)
    {
        ClipSheet.Write(_folder.Of("sheet.png"), videos, views, options, Size, samples: 1, draws, seed: 4);
        return SKBitmap.Decode(_folder.Of("sheet.png"));
    }

    private static SKColor At(SKBitmap sheet, int x, int y) => sheet.GetPixel(x, y);

    private sealed class BrokenVideo : VideoDataset
    {
        public override int Count => 1;

        public override string NameOf(int index) => "broken";

        public override VideoFacts FactsOf(int index) => throw new UnreadableSampleException("is empty");

        public override Image[] Read(int index, FrameRange range) => throw new UnreadableSampleException("is empty");
    }
}
