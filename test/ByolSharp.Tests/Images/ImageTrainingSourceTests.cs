using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class ImageTrainingSourceTests
{
    private const int Size = 16, Length = 3 * Size * Size;
    private static readonly ImageViewOptions Views = new() { T = AugmentationOptions.CropAndFlip };

    [Fact]
    public void Views_depend_on_seed_epoch_and_index_alone()
    {
        using var data = new GeneratedImages(new() { Count = 20 });
        var source = new ImageTrainingSource(data, Views, Size, channels: 3);

        Assert.Equal(Draw(source, [5, 7], seed: 1, epoch: 2, index: 1), Draw(source, [5, 7], seed: 1, epoch: 2, index: 1));
        Assert.NotEqual(Draw(source, [5, 7], seed: 1, epoch: 2, index: 1), Draw(source, [5, 7], seed: 2, epoch: 2, index: 1));
        Assert.NotEqual(Draw(source, [5, 7], seed: 1, epoch: 2, index: 1), Draw(source, [5, 7], seed: 1, epoch: 3, index: 1));
        Assert.Equal((2, 1, 7), (source.Augmented([5, 7], 1).Count, source.Augmented([5, 7], 1).ViewCount, source.Augmented([5, 7], 1).LabelOf(1)));
    }

    [Fact]
    public void A_view_is_the_image_that_the_sample_names()
    {
        using var data = new ListedImages([Plain(10), Plain(200), Plain(90)], [0, 1, 1]);
        var source = new ImageTrainingSource(data, TestViews.Raw(AugmentationFlavour.Official, 3) with { T = AugmentationOptions.CropAndFlip }, Size, channels: 3);

        Assert.All(Draw(source, [2, 1], seed: 0, epoch: 0, index: 0), value => Assert.Equal(90 / 255f, value, 1e-5f));
        Assert.All(Draw(source, [2, 1], seed: 0, epoch: 0, index: 1), value => Assert.Equal(200 / 255f, value, 1e-5f));
    }

    [Fact]
    public void What_stands_in_for_an_unreadable_image_is_of_the_same_part_and_class()
    {
        using var data = new ListedImages([Plain(10), null, Plain(90), Plain(200)], [1, 1, 1, 0]);
        var source = new ImageTrainingSource(data, TestViews.Raw(AugmentationFlavour.Official, 3) with { T = AugmentationOptions.CropAndFlip }, Size, channels: 3);

        // The image 2 would be next in the whole data, but it may be held out.
        Assert.All(Draw(source, [0, 1, 3], seed: 0, epoch: 0, index: 1), value => Assert.Equal(10 / 255f, value, 1e-5f));
        Assert.Equal([("0001.png", "planted")], source.Quarantine.Entries);
    }

    private static float[] Draw(ImageTrainingSource source, int[] samples, long seed, long epoch, int index)
    {
        var view = new float[Length];
        source.Augmented(samples, seed).Draw(epoch, index, new(view, 1));
        return view;
    }

    private static Image Plain(byte value) => new(Size, Size, 3, [.. Enumerable.Repeat(value, Length)]);
}
