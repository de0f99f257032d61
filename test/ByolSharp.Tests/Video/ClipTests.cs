using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Video;

namespace ByolSharp.Tests.Video;

public sealed class ClipTests
{
    private static readonly VideoOptions _options = new() { Frames = 4, Stride = 3, Clips = 3 };

    [Fact]
    public void Clips_begin_anywhere_with_equal_chance_and_independently()
    {
        const int Draws = 20_000, Starts = 9; // 20 frames, 12 of them a clip
        var facts = new VideoFacts(25, 1, 20, 8, 8);
        var counts = new int[Starts];
        double sumOfProducts = 0;
        for (int i = 0; i < Draws; i++)
        {
            int[] starts = [.. Enumerable.Range(0, 2).Select(view => Start(i, view))];
            counts[starts[0]]++;
            sumOfProducts += (starts[0] - 4) * (starts[1] - 4);
        }

        double expected = (double)Draws / Starts, deviation = Math.Sqrt(expected * (1 - 1.0 / Starts));
        Assert.All(counts, count => Assert.InRange(count, expected - 4 * deviation, expected + 4 * deviation));
        const double Variance = (Starts * Starts - 1) / 12.0;
        Assert.InRange(sumOfProducts / Draws / Variance, -4 / Math.Sqrt(Draws), 4 / Math.Sqrt(Draws)); // correlation

        int Start(int sample, int view)
        {
            var random = new SampleRandom(7, 0, sample, view);
            return ClipSampling.Draw(ref random, facts, _options).First;
        }
    }

    [Fact]
    public void A_video_shorter_than_a_clip_begins_at_its_start()
    {
        var random = new SampleRandom(1);

        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(new FrameRange(0, 3, 4), ClipSampling.Draw(ref random, new(25, 1, 5, 8, 8), _options)));
    }

    [Theory]
    [InlineData(1, new[] { 14 })]
    [InlineData(2, new[] { 0, 28 })]
    [InlineData(3, new[] { 0, 14, 28 })]
    public void Clips_of_evaluation_are_spread_from_start_to_end(int clips, int[] starts)
    {
        var options = _options with { EvalClips = clips };

        Assert.Equal(starts, Enumerable.Range(0, clips).Select(i => ClipSampling.Spread(new(25, 1, 40, 8, 8), options, i).First));
    }

    [Fact]
    public void All_frames_of_a_view_share_one_draw_and_the_views_of_a_video_do_not()
    {
        // A video whose frames are all the same: whatever differs within a view would come from the augmentation.
        var videos = new StillVideos();
        var view = AugmentationOptions.OfficialT with { BlurProbability = 0.5, SolarizeProbability = 0.5 };
        var source = new VideoViewSource(videos, new() { T = view, TPrime = view }, _options, 16, seed: 3);
        var memory = new float[3 * 3 * 4 * 16 * 16];

        for (int epoch = 0; epoch < 10; epoch++)
        {
            var views = new ViewSpans(memory, 3);
            source.Draw(epoch, 0, views);

            for (int v = 0; v < 3; v++)
            {
                for (int c = 0; c < 3; c++)
                {
                    var first = views[v].Slice(c * 4 * 256, 256);
                    for (int t = 1; t < 4; t++)
                    {
                        Assert.True(first.SequenceEqual(views[v].Slice((c * 4 + t) * 256, 256)), $"epoch {epoch}, view {v}, channel {c}, frame {t}");
                    }
                }
            }
            Assert.False(views[0].SequenceEqual(views[1]));
            Assert.False(views[1].SequenceEqual(views[2]));
        }
        Assert.Equal([3, 4, 16, 16], source.ViewShape);
    }

    [Fact]
    public void What_is_drawn_depends_on_seed_epoch_index_and_view_alone()
    {
        var source = new VideoViewSource(new StillVideos(), new(), _options, 16, seed: 3);
        float[] first = Draw(0), again = Draw(0), other = Draw(1);

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        float[] Draw(long epoch)
        {
            var memory = new float[3 * 3 * 4 * 256];
            source.Draw(epoch, 1, new(memory, 3));
            return memory;
        }
    }

    [Fact]
    public void Differences_are_half_of_what_gets_lighter_about_middle_grey()
    {
        Image Grey(byte level) => new(1, 1, 3, [level, level, level]);

        Image[] changes = TemporalDifference.Apply([Grey(100), Grey(140), Grey(40)], reach: 0);

        Assert.Equal([148, 78, 78], changes.Select(change => change.Bytes[0]));
    }

    [Fact]
    public void Evaluation_takes_every_clip_in_every_crop()
    {
        var options = new VideoOptions { Frames = 2, Stride = 1, EvalClips = 2, EvalCrops = 3 };
        var source = new VideoEvalSource(new Ramp(), new EvalTransform(new() { Mean = [0, 0, 0], Std = [1, 1, 1] }, 4, 3, EvalCrop.ShortSide), options);
        var memory = new float[6 * 3 * 2 * 16];

        source.Render(0, memory);
        var views = new ViewSpans(memory, 6);

        // Columns 0 to 11 hold their own number, frames add 20: left, middle and right squares of 4, at the first and the last clip of 10 frames.
        Assert.Equal([0, 4, 8], Enumerable.Range(0, 3).Select(crop => First(crop)));
        Assert.Equal([160, 164, 168], Enumerable.Range(3, 3).Select(crop => First(crop)));

        int First(int view) => (int)Math.Round(new ViewSpans(memory, 6)[view][0] * 255);
    }

    [Fact]
    public void Evaluation_and_training_on_labels_show_changes_where_they_are_told_to()
    {
        var options = new VideoOptions { Frames = 2, Stride = 1, EvalClips = 1, EvalCrops = 1, EvalDifference = true };
        var views = new ImageViewOptions { T = AugmentationOptions.CropAndFlip, Mean = [0, 0, 0], Std = [1, 1, 1] };
        var source = new VideoTrainingSource(new Ramp(), views, options, 4);
        float[] plain = new float[3 * 2 * 16], augmented = new float[3 * 2 * 16];

        source.Render(0, plain);
        source.Augmented([0], seed: 1).Draw(epoch: 0, 0, new(augmented, 1));

        // From frame to frame all gets lighter by 20: half of it about middle grey, the same everywhere.
        Assert.All(plain.Concat(augmented), value => Assert.Equal(138 / 255f, value, 1e-4f));
    }

    [Fact]
    public void Frame_difference_says_where_a_clip_changes_and_how_much()
    {
        using var backbone = new FrameDifferenceBackbone(2);
        // [1, 3, 3, 2, 2]: the first place goes 0, 1, 0 in each channel, the last one 0, 0, 3 in the first; the others stay.
        float[] clip = new float[36];
        for (int c = 0; c < 3; c++)
        {
            clip[c * 12 + 4] = 1;
        }
        clip[2 * 4 + 3] = 3;

        var y = backbone.call(TorchSharp.torch.tensor(clip).view(1, 3, 3, 2, 2));

        Assert.Equal([1f, 0f, 0f, 0.5f], y.data<float>().ToArray());
    }

    private sealed class StillVideos : VideoDataset
    {
        public override int Count => 2;

        public override string NameOf(int index) => $"{index}";

        public override VideoFacts FactsOf(int index) => new(25, 1, 20, 32, 24);

        public override Image[] Read(int index, FrameRange range) =>
            [.. Enumerable.Repeat(new Image(32, 24, 3, [.. Enumerable.Range(0, 32 * 24 * 3).Select(i => (byte)(i * 37 + index))]), range.Count)];
    }

    private sealed class Ramp : VideoDataset
    {
        public override int Count => 1;

        public override string NameOf(int index) => "ramp";

        public override VideoFacts FactsOf(int index) => new(25, 1, 10, 12, 4);

        public override Image[] Read(int index, FrameRange range) => [.. Enumerable.Range(0, range.Count).Select(i => Frame(range.First + i * range.Stride))];

        private static Image Frame(int number) =>
            new(12, 4, 3, [.. Enumerable.Range(0, 12 * 4 * 3).Select(i => (byte)(20 * number + i / 3 % 12))]);
    }
}
