using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Tests.Images;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Evaluation;

public sealed class FeatureExtractorTests
{
    private static readonly EvalTransform Transform = new(new(), imageSize: 16, channels: 3);

    [Fact]
    public void Unreadable_samples_are_left_out_and_named()
    {
        using var data = new ListedImages([Plain(1), null, Plain(3), Plain(4)], [0, 0, 1, 1]);
        using var encoder = new TinyBackbone();
        var extraction = FeatureExtractor.Extract(encoder, new ImageEvalSource(data, Transform), batchSize: 2, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(["0000.png", "0002.png", "0003.png"], extraction.Features.Names);
        Assert.Equal([0, 1, 1], extraction.Features.Labels);
        Assert.Equal([("0001.png", "planted")], extraction.Skipped);
    }

    [Fact]
    public void Rows_equal_a_forward_pass_of_each_sample_alone_whatever_the_batch()
    {
        using var data = new GeneratedImages(new() { Count = 7 });
        using var encoder = new TinyBackbone();
        var source = new ImageEvalSource(data, Transform);
        var whole = FeatureExtractor.Extract(encoder, source, batchSize: 7, cancellation: TestContext.Current.CancellationToken).Features;
        var single = FeatureExtractor.Extract(encoder, source, batchSize: 1, cancellation: TestContext.Current.CancellationToken).Features;

        Assert.Equal(whole.Values.ToArray().Select(v => (double)v), single.Values.ToArray().Select(v => (double)v), new NearComparer(1e-5));
    }

    [Fact]
    public void Extraction_changes_neither_parameters_nor_buffers_nor_the_mode()
    {
        using var scope = NewDisposeScope();
        using var data = new GeneratedImages(new() { Count = 8 });
        using var encoder = new TinyBackbone();
        encoder.train();
        var before = encoder.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        FeatureExtractor.Extract(encoder, new ImageEvalSource(data, Transform), cancellation: TestContext.Current.CancellationToken);

        Assert.True(encoder.training);
        Assert.All(encoder.state_dict(), e => Assert.True(e.Value.eq(before[e.Key]).all().item<bool>(), e.Key));
    }

    [Fact]
    public void A_limit_takes_a_seeded_choice()
    {
        using var data = new GeneratedImages(new() { Count = 50 });
        using var encoder = new TinyBackbone();
        var source = new ImageEvalSource(data, Transform);

        Assert.Equal(Names(1), Names(1));
        Assert.NotEqual(Names(1), Names(2));
        Assert.Equal(10, Names(1).Distinct().Count());

        IReadOnlyList<string> Names(long seed) =>
            FeatureExtractor.Extract(encoder, source, limit: 10, seed, cancellation: TestContext.Current.CancellationToken).Features.Names;
    }

    [Fact]
    public void Nothing_readable_names_the_first_reason()
    {
        using var data = new ListedImages([null, null]);
        using var encoder = new TinyBackbone();

        var error = Assert.Throws<UnusableDataException>(() => FeatureExtractor.Extract(encoder, new ImageEvalSource(data, Transform), cancellation: TestContext.Current.CancellationToken));
        Assert.Contains("planted", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_pixels_are_their_own_representation()
    {
        using var data = new GeneratedImages(new() { Count = 2 });
        using var pixels = new PixelBackbone(3 * 16 * 16);
        var view = new float[3 * 16 * 16];
        Transform.Apply(data.Read(1), view);

        Assert.Equal(view, FeatureExtractor.Extract(pixels, new ImageEvalSource(data, Transform), cancellation: TestContext.Current.CancellationToken).Features[1].ToArray());
    }

    [Fact]
    public void Settling_moves_the_statistics_to_those_of_the_data()
    {
        using var scope = NewDisposeScope();
        using var data = new GeneratedImages(new() { Count = 64 });
        using var encoder = new TinyBackbone();
        BatchStatistics.Settle(encoder, new ImageEvalSource(data, Transform), seed: 1);

        Assert.False(encoder.training);
        Assert.True(encoder.state_dict()["bn1.running_mean"].abs().max().item<float>() > 0);
    }

    private static Image Plain(byte value) => new(16, 16, 3, [.. Enumerable.Repeat(value, 16 * 16 * 3)]);
}
