using ByolSharp.Images;
using ByolSharp.Video;

namespace ByolSharp.Tests.Video;

public sealed class ClipContentTests
{
    private const int Size = 40;

    [Theory]
    [InlineData(1, 16, 16)]
    [InlineData(2, 37, 23)]
    [InlineData(3, 5, 9)]
    public void A_residual_is_the_least_distance_of_a_block_found_one_by_one(int reach, int width, int height)
    {
        byte[] frame = Noise(width * height, 1), next = Noise(width * height, 2);

        byte[] residual = BlockMatching.Residual(frame, next, width, reach);

        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int least = int.MaxValue;
                for (int dy = -reach; dy <= reach; dy++)
                {
                    for (int dx = -reach; dx <= reach; dx++)
                    {
                        least = Math.Min(least, BlockDistance(x, y, dx, dy));
                    }
                }
                Assert.Equal((least + 4) / 9, residual[y * width + x]);
            }
        }

        int BlockDistance(int x, int y, int dx, int dy)
        {
            int sum = 0;
            for (int j = -1; j <= 1; j++)
            {
                for (int i = -1; i <= 1; i++)
                {
                    // The block of the frame is that of its border; the place it is compared with lies dx, dy from there.
                    sum += Math.Abs(At(frame, x + i, y + j) - At(next, x + i + dx, y + j + dy));
                }
            }
            return sum;
        }

        byte At(byte[] picture, int x, int y) => picture[Math.Clamp(y, 0, height - 1) * width + Math.Clamp(x, 0, width - 1)];
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, -2)]
    [InlineData(-2, 2)]
    public void What_a_camera_moves_is_gone_and_what_moves_by_itself_stays(int x, int y)
    {
        byte[] change = TemporalDifference.Apply([Picture(0, 0, objectAt: 10), Picture(x, y, objectAt: 18)], reach: 2)[0].Bytes.ToArray();

        // The object leaves its 8 columns and hides the 8 beside them; nothing else changes. What came over the picture's border is not known.
        Assert.True(Mean(change, 12, 16) > 60, $"{Mean(change, 12, 16)}");
        Assert.Equal(0, change.Where((_, i) => i % Size is > 29 and < Size - 3 && i / Size is > 3 and < Size - 3).Max());

        // A wall of random bricks, seen by a camera that moved it, with an object before it that the camera moves too.
        static Image Picture(int dx, int dy, int objectAt) => Shown((column, row) =>
            column - dx >= objectAt && column - dx < objectAt + 8 && row - dy is >= 15 and < 25 ? (byte)255 : (byte)new SampleRandom(column - dx, row - dy).NextInt(200));

        static double Mean(byte[] change, int from, int to) => change.Where((_, i) => i % Size >= from && i % Size < to && i / Size is >= 17 and < 23).Average(level => level);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_window_lies_around_what_changes_and_inside_the_picture(int reach)
    {
        var options = new VideoOptions { MotionWindow = 0.5, DifferenceReach = reach };

        // A dot that goes out in a picture whose pixels say where they are: the window's first pixel is its place.
        Assert.Equal((9, 12), Corner(19, 22));
        Assert.Equal((0, 20), Corner(2, 38));
        Assert.Equal((10, 10), Corner(-1, -1)); // nothing changes: the middle

        (int X, int Y) Corner(int x, int y)
        {
            Image[] frames = [WithDot((x, y)), WithDot(null)];
            var window = Content(frames, options, isDifference: false)[0];
            Assert.Equal((Size / 2, Size / 2), (window.Width, window.Height));
            return (window.Bytes[0], window.Bytes[1]);
        }

        static Image WithDot((int X, int Y)? dot) => new(Size, Size, 3,
            [.. Enumerable.Range(0, Size * Size).SelectMany(i => dot == (i % Size, i / Size) ? new byte[] { 255, 255, 255 } : [(byte)(i % Size), (byte)(i / Size), 0])]);
    }

    [Fact]
    public void Changes_and_colours_are_cut_at_one_place()
    {
        var random = new SampleRandom(5);
        Image[] frames = [.. Enumerable.Range(0, 3).Select(_ => Shown((_, _) => (byte)random.NextInt(256)))];
        var options = new VideoOptions { MotionWindow = 0.3 };

        Image[] colours = Content(frames, options, isDifference: false), changes = Content(frames, options, isDifference: true);

        var expected = Content(colours, new(), isDifference: true);
        Assert.Equal(expected.Select(frame => frame.Bytes.ToArray()), changes.Select(frame => frame.Bytes.ToArray()));
        Assert.All(changes, frame => Assert.Equal(12, frame.Width));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Changes_that_are_kept_are_those_of_the_clip(int reach)
    {
        var random = new SampleRandom(6);
        var video = new OneVideo([.. Enumerable.Range(0, 9).Select(_ => new Image(Size, Size, 3, Noise(3 * Size * Size, random.NextInt(1000))))]);
        using var cached = new CachedVideos(video, 1L << 20);
        using var tooSmall = new CachedVideos(video, 1000);

        // Within the video, up to its end, behind it, of two strides.
        foreach (FrameRange range in new FrameRange[] { new(0, 1, 4), new(5, 1, 4), new(7, 1, 6), new(1, 3, 2), new(0, 3, 5), new(8, 3, 2) })
        {
            byte[][] expected = [.. TemporalDifference.Apply(video.Read(0, range), reach).Select(frame => frame.Bytes.ToArray())];
            Assert.Equal(expected, cached.ReadChanges(0, range, reach).Select(frame => frame.Bytes.ToArray()));
            Assert.Equal(expected, tooSmall.ReadChanges(0, range, reach).Select(frame => frame.Bytes.ToArray()));
        }
    }

    [Fact]
    public void A_view_of_a_grey_picture_shows_it_in_every_channel()
    {
        var options = AugmentationOptions.OfficialT with { JitterProbability = 1, Hue = 0, Saturation = 0, BlurProbability = 1, GrayscaleProbability = 0, SolarizeProbability = 0.5 };
        var augmentation = new ImageAugmentation(options, new(), 16, 3);
        var grey = new Image(Size, Size, 1, Noise(Size * Size, 8));
        var random = new SampleRandom(9);
        float[] once = new float[augmentation.ViewLength], threefold = new float[augmentation.ViewLength];
        for (int draw = 0; draw < 20; draw++)
        {
            var drawn = augmentation.Draw(ref random, Size, Size);

            augmentation.ApplyGrey(grey, drawn, once);
            augmentation.Apply(ImageChannels.Convert(grey, 3), drawn, threefold);

            Assert.Equal(threefold, once);
        }
    }

    [Fact]
    public void Changes_are_stretched_by_one_measure_a_clip()
    {
        // 100 pixels in two frames: one pixel in ten changes by 40, one by 20, one by 10, the others not at all.
        Image[] changes = [Grey(i => (byte)(i % 10 == 0 ? 40 : 0)), Grey(i => (byte)(i % 10 == 0 ? 20 : i % 10 == 1 ? 10 : 0))];

        // A tenth of all 200 pixels may lie above what is stretched to the top: those of 40 and of 20.
        Assert.Equal([255, 0, 255, 255], Levels(changes, 0, new() { DifferenceSaturation = 0.1 }));
        Assert.Equal([255, 0, 128, 64], Levels(changes, 0, new() { DifferenceSaturation = 0.04 }));
        Assert.Equal([255, 0, 180, 128], Levels(changes, 0, new() { DifferenceSaturation = 0.04, DifferenceGamma = 0.5 }));
        Assert.Equal([101, 0, 71, 50], Levels(changes, 0, new() { DifferenceGamma = 0.5 }));
        Assert.Same(changes, ChangeLevels.Apply(changes, 0, new()));
    }

    [Fact]
    public void Plain_changes_are_stretched_about_middle_grey()
    {
        Image[] changes = [Grey(i => (byte)(i % 10 == 0 ? 148 : 128)), Grey(i => (byte)(i % 10 == 0 ? 118 : i % 10 == 1 ? 108 : 128))];

        Assert.Equal([255, 128, 64, 1], Levels(changes, 128, new() { DifferenceSaturation = 0.04 }));
    }

    [Fact]
    public void A_clip_in_which_nothing_changes_is_not_stretched_to_noise()
    {
        Image[] changes = [Grey(i => (byte)(i % 10 == 0 ? 1 : 0)), Grey(_ => 0)];

        Assert.Equal([64, 0, 0, 0], Levels(changes, 0, new() { DifferenceSaturation = 0.01 }));
    }

    [Fact]
    public void Evaluation_looks_at_the_window()
    {
        var options = new VideoOptions { Frames = 2, Stride = 1, EvalClips = 1, EvalCrops = 1, MotionWindow = 0.5 };
        var transform = new EvalTransform(new() { Mean = [0, 0, 0], Std = [1, 1, 1] }, Size / 2, 3, EvalCrop.ShortSide);
        var views = new float[3 * 2 * (Size / 2) * (Size / 2)];
        Image[] dot = [Shown((column, row) => (column, row) == (19, 22) ? (byte)255 : (byte)0), Shown((_, _) => 0)];

        new VideoEvalSource(new OneVideo(dot), transform, options).Render(0, views);

        // The first frame of the first channel: one white pixel in the middle of an otherwise black square.
        Assert.Equal(1, views[10 * (Size / 2) + 10], 3);
        Assert.Equal(3, views.Count(value => value > 0.5));
    }

    [Fact]
    public void Clips_that_are_one_and_the_same_are_rendered_once()
    {
        var options = new VideoOptions { Frames = 4, Stride = 1, EvalClips = 3, EvalCrops = 2 };
        var transform = new EvalTransform(new(), Size / 2, 3, EvalCrop.ShortSide);
        var video = new OneVideo([Shown((column, _) => (byte)column), Shown((_, row) => (byte)row)]);
        var views = new float[6 * 4 * transform.ViewLength];

        new VideoEvalSource(video, transform, options).Render(0, views);

        float[][] clips = [.. views.Chunk(views.Length / 3)];
        Assert.Equal(1, video.Reads);
        Assert.True(clips[0].Distinct().Count() > 10);
        Assert.Equal([clips[0], clips[0]], clips[1..]);
    }

    [Theory]
    [InlineData("video.differenceReach", -1, 0, 1, 1)]
    [InlineData("video.differenceReach", 17, 0, 1, 1)]
    [InlineData("video.differenceSaturation", 0, 0.6, 1, 1)]
    [InlineData("video.differenceGamma", 0, 0, 0, 1)]
    [InlineData("video.motionWindow", 0, 0, 1, 0)]
    [InlineData("video.motionWindow", 0, 0, 1, 1.1)]
    public void What_does_not_work_is_refused_by_name(string key, int reach, double saturation, double gamma, double window)
    {
        var options = new VideoOptions { DifferenceReach = reach, DifferenceSaturation = saturation, DifferenceGamma = gamma, MotionWindow = window };

        var error = Assert.Throws<ConfigurationException>(options.Validate);

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    private static Image[] Content(Image[] frames, VideoOptions options, bool isDifference) =>
        ClipContent.Read(new OneVideo(frames), 0, new(0, 1, frames.Length), options, isDifference);

    private static byte[] Noise(int count, long seed)
    {
        var random = new SampleRandom(seed);
        var noise = new byte[count];
        for (int i = 0; i < count; i++)
        {
            noise[i] = (byte)random.NextInt(256);
        }
        return noise;
    }

    private static Image Grey(Func<int, byte> level) => new(10, 10, 1, [.. Enumerable.Range(0, 100).Select(level)]);

    /// <summary>The first two pixels of the first two frames.</summary>
    private static int[] Levels(Image[] changes, byte still, VideoOptions options) =>
        [.. ChangeLevels.Apply(changes, still, options).SelectMany(frame => new int[] { frame.Bytes[0], frame.Bytes[1] })];

    private static Image Shown(Func<int, int, byte> level) =>
        new(Size, Size, 3, [.. Enumerable.Range(0, Size * Size).SelectMany(i => Enumerable.Repeat(level(i % Size, i / Size), 3))]);

    private sealed class OneVideo(Image[] frames) : VideoDataset
    {
        public override int Count => 1;

        public int Reads { get; private set; }

        public override string NameOf(int index) => "video";

        public override VideoFacts FactsOf(int index) => new(25, 1, frames.Length, frames[0].Width, frames[0].Height);

        public override Image[] Read(int index, FrameRange range)
        {
            Reads++;
            return FilmStrips.Cut(FilmStrips.Join(frames), frames.Length, range);
        }
    }
}
