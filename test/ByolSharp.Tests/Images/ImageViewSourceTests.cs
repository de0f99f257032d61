using ByolSharp.Images;
using static ByolSharp.Tests.Images.TestViews;

namespace ByolSharp.Tests.Images;

public sealed class ImageViewSourceTests
{
    [Fact]
    public void Invariant_18_views_are_the_same_bits_from_any_number_of_threads_and_in_any_order()
    {
        const int count = 64;
        var source = new ImageViewSource(new GradientImages(count), ImageViewOptions.Official, 32, seed: 5);
        var alone = Enumerable.Range(0, count).Select(i => Draw(source, 3, i)).ToArray();
        var together = new (float[] V1, float[] V2)[count];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => together[count - 1 - i] = Draw(source, 3, count - 1 - i));

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(alone[i].V1, together[i].V1);
            Assert.Equal(alone[i].V2, together[i].V2);
        }
    }

    [Fact]
    public void Scratch_memory_of_larger_views_leaves_no_trace()
    {
        var small = new ImageViewSource(new GradientImages(4, 17, 9), ImageViewOptions.Official, 11, seed: 5);
        var large = new ImageViewSource(new GradientImages(4, 300, 200), ImageViewOptions.Official, 96, seed: 5);
        var before = Draw(small, 0, 1);
        Draw(large, 0, 1);
        var after = Draw(small, 0, 1);
        Assert.Equal(before.V1, after.V1);
        Assert.Equal(before.V2, after.V2);
    }

    [Fact]
    public void Invariant_21_the_two_views_of_an_image_differ_and_so_do_epochs_seeds_and_samples()
    {
        var data = new GradientImages(2);
        var source = new ImageViewSource(data, ImageViewOptions.Symmetric, 32, seed: 5);
        var (v1, v2) = Draw(source, 0, 0);
        Assert.NotEqual(v1, v2);
        Assert.NotEqual(v1, Draw(source, 1, 0).V1);
        Assert.NotEqual(v1, Draw(source, 0, 1).V1);
        Assert.NotEqual(v1, Draw(new ImageViewSource(data, ImageViewOptions.Symmetric, 32, seed: 6), 0, 0).V1);
    }

    [Fact]
    public void Each_view_has_its_own_distribution()
    {
        // Solarizing from 0 upwards turns white into black, in the second view alone.
        var black = new AugmentationOptions { JitterProbability = 0, GrayscaleProbability = 0, SolarizeProbability = 1, SolarizeThreshold = 0 };
        var views = Raw(AugmentationFlavour.Official, 3) with { T = AugmentationOptions.CropAndFlip, TPrime = black with { BlurProbability = 0 } };
        var white = new ConstantImages(255);
        var (v1, v2) = Draw(new ImageViewSource(white, views, 8, seed: 0), 0, 0);
        Assert.All(v1, v => Assert.Equal(1, v, 1e-6f));
        Assert.All(v2, v => Assert.Equal(0, v, 1e-6f));
    }

    [Fact]
    public void Invariant_21_views_lie_in_0_to_1_before_normalising()
    {
        var views = Raw(AugmentationFlavour.Official, 3);
        var source = new ImageViewSource(new GradientImages(200), views, 16, seed: 1);
        for (int i = 0; i < source.Count; i++)
        {
            var (v1, v2) = Draw(source, 0, i);
            Assert.All(v1, v => Assert.InRange(v, 0, 1));
            Assert.All(v2, v => Assert.InRange(v, 0, 1));
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 50)]
    [InlineData(50, 1)]
    [InlineData(3, 2)]
    public void The_smallest_images_give_finite_views_for_every_channel_count_and_flavour(int width, int height)
    {
        foreach (int channels in new[] { 1, 2, 3, 4, 5, 9 })
        {
            foreach (var flavour in Enum.GetValues<AugmentationFlavour>())
            {
                var views = ImageViewOptions.Symmetric with { Flavour = flavour };
                var source = new ImageViewSource(new GradientImages(20, width, height, channels), views, 20, seed: 1);
                Assert.Equal([channels, 20, 20], source.ViewShape);
                for (int i = 0; i < source.Count; i++)
                {
                    var (v1, v2) = Draw(source, 0, i);
                    Assert.All(v1.Concat(v2), v => Assert.True(float.IsFinite(v)));
                }
            }
        }
    }

    [Fact]
    public void Colour_operations_are_named_as_switched_off_where_there_are_not_three_channels()
    {
        Assert.Empty(new ImageViewSource(new GradientImages(1), ImageViewOptions.Official, 8, 0).SwitchedOff);
        var grey = new ImageViewSource(new GradientImages(1, channels: 1), ImageViewOptions.Official, 8, 0);
        Assert.Equal(["saturation", "hue", "grayscale"], grey.SwitchedOff);
        var crop = ImageViewOptions.Official with { T = AugmentationOptions.CropAndFlip, TPrime = AugmentationOptions.CropAndFlip };
        Assert.Empty(new ImageViewSource(new GradientImages(1, channels: 4), crop, 8, 0).SwitchedOff);
    }

    [Fact]
    public void An_image_of_another_channel_count_is_an_unreadable_sample()
    {
        var source = new ImageViewSource(new GradientImages(1, channels: 4), ImageViewOptions.Official, 8, 0, channels: 3);
        var error = Assert.Throws<UnreadableSampleException>(() => Draw(source, 0, 0));
        Assert.StartsWith("image has 4 channels where 3 are expected", error.Message);
    }

    [Fact]
    public void Channels_come_from_the_first_readable_image()
    {
        Assert.Equal(2, ImageViewSource.ChannelsOf(new GradientImages(3, channels: 2, unreadable: 0)));
        Assert.Throws<UnusableDataException>(() => ImageViewSource.ChannelsOf(new GradientImages(1, unreadable: 0)));
        Assert.Throws<UnusableDataException>(() => ImageViewSource.ChannelsOf(new GradientImages(0)));
    }

    [Fact]
    public void Labels_and_count_are_those_of_the_data()
    {
        var source = new ImageViewSource(new GradientImages(7), ImageViewOptions.Official, 8, 0);
        Assert.Equal(7, source.Count);
        Assert.Equal(2, source.LabelOf(5));
    }

    [Fact]
    public void Options_out_of_range_are_named_by_their_key()
    {
        var views = ImageViewOptions.Official with { TPrime = new() { Hue = 3 } };
        var error = Assert.Throws<ConfigurationException>(() => new ImageViewSource(new GradientImages(1), views, 8, 0));
        Assert.StartsWith("views.tPrime.hue = 3 ", error.Message);
    }

    [Fact]
    public void Drawing_and_applying_allocates_nothing()
    {
        var augmentation = new ImageAugmentation(ImageViewOptions.Symmetric.T, ImageViewOptions.Symmetric, 32, 3);
        var image = GradientImages.Make(0, 40, 30, 3);
        var view = new float[augmentation.ViewLength];
        Run(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(2000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytes.Inexactness); // an object a view would be 48,000

        void Run(int count)
        {
            for (int i = 0; i < count; i++)
            {
                var random = new SampleRandom(0, 0, i);
                augmentation.Apply(image, ref random, view);
            }
        }
    }

    private static (float[] V1, float[] V2) Draw(ImageViewSource source, long epoch, int index)
    {
        int length = (int)source.ViewShape.Aggregate((a, b) => a * b);
        var both = new float[2 * length];
        source.Draw(epoch, index, new(both, 2));
        return (both[..length], both[length..]);
    }

    private sealed class ConstantImages(byte value) : ImageDataset
    {
        public override int Count => 1;

        public override string NameOf(int index) => "constant";

        public override Image Read(int index) => new(8, 8, 3, [.. Enumerable.Repeat(value, 8 * 8 * 3)]);
    }
}
