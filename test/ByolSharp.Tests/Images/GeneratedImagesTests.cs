using ByolSharp.Evaluation;
using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class GeneratedImagesTests
{
    [Fact]
    public void An_image_depends_on_seed_split_and_index_alone()
    {
        using var once = new GeneratedImages(new() { Count = 20 });
        using var again = new GeneratedImages(new() { Count = 40 });
        using var otherSeed = new GeneratedImages(new() { Count = 20, Seed = 1 });
        again.Read(7); // the order of reading must not matter

        for (int i = 0; i < 20; i++)
        {
            Assert.True(once.Read(i).Bytes.SequenceEqual(again.Read(i).Bytes));
            Assert.False(once.Read(i).Bytes.SequenceEqual(otherSeed.Read(i).Bytes));
        }
    }

    [Fact]
    public void Train_and_test_share_no_image()
    {
        using var train = new GeneratedImages(new() { Count = 500 });
        using var test = new GeneratedImages(new() { Count = 500, Split = GeneratedSplit.Test });
        var pixels = new[] { train, test }.SelectMany(d => Enumerable.Range(0, 500).Select(i => Convert.ToBase64String(d.Read(i).Bytes)));
        var names = new[] { train, test }.SelectMany(d => Enumerable.Range(0, 500).Select(d.NameOf));

        Assert.Equal(1000, pixels.Distinct().Count());
        Assert.Equal(1000, names.Distinct().Count());
    }

    [Fact]
    public void Classes_are_balanced_and_named()
    {
        using var images = new GeneratedImages(new() { Count = 1003 });
        var counts = Enumerable.Range(0, images.Count).CountBy(images.LabelOf).Select(c => c.Value).ToArray();

        Assert.Equal(10, counts.Length);
        Assert.All(counts, c => Assert.InRange(c, 100, 101));
        Assert.Equal(10, images.ClassNames.Distinct().Count());
        Assert.Equal("train/ring/00001", images.NameOf(1));
        Assert.Equal((32, 32, 3), (images.Read(0).Width, images.Read(0).Height, images.Read(0).Channels));
    }

    [Fact]
    public void Raw_pixels_see_little_of_the_class()
    {
        FeatureSet train = Pixels(GeneratedSplit.Train, 1000), test = Pixels(GeneratedSplit.Test, 300);

        Assert.InRange(new KnnClassifier(train).Evaluate(test, cancellation: TestContext.Current.CancellationToken).Top1, 0.02, 0.25);
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("count", Assert.Throws<ConfigurationException>(() => new GeneratedImages(new() { Count = 0 })).Message);
        Assert.Contains("nuisance", Assert.Throws<ConfigurationException>(() => new GeneratedImages(new() { Nuisance = 1.5 })).Message);
        Assert.Contains("colour", Assert.Throws<ConfigurationException>(() => new GeneratedImages(new() { Colour = -1 })).Message);
    }

    private static FeatureSet Pixels(GeneratedSplit split, int count)
    {
        using var images = new GeneratedImages(new() { Count = count, Split = split });
        var source = new ImageEvalSource(images, new EvalTransform(new(), GeneratedImages.Side, channels: 3));
        using var pixels = new PixelBackbone(3 * GeneratedImages.Side * GeneratedImages.Side);
        return FeatureExtractor.Extract(pixels, source).Features;
    }
}
