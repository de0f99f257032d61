using ByolSharp.Distributed;
using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Tests.Distributed;
using ByolSharp.Tests.Images;

namespace ByolSharp.Tests.Evaluation;

public sealed class SharedExtractionTests
{
    private static readonly EvalTransform Transform = new(new(), imageSize: 16, channels: 3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(9)]
    public void Replicas_find_together_what_one_process_finds(int count)
    {
        using var data = new ListedImages([.. Enumerable.Range(0, 7).Select(i => i is 1 or 6 ? null : new Image(16, 16, 3, [.. Enumerable.Repeat((byte)(40 * i), 16 * 16 * 3)]))], [0, 0, 1, 1, 0, 1, 0]);
        var alone = Extract(data);
        var together = ThreadReplicas.Run(count, replicas => Extract(data, replicas));

        Assert.All(together, one =>
        {
            Assert.Equal(alone.Features.Names, one.Features.Names);
            Assert.Equal(alone.Features.Labels, one.Features.Labels);
            Assert.Equal(alone.Skipped, one.Skipped);
            Assert.Equal(Numbers(alone.Features), Numbers(one.Features), new NearComparer(1e-6)); // kernels round by the rows they are given
            Assert.Equal(together[0].Features.Values, one.Features.Values);
        });
    }

    [Fact]
    public void A_limit_is_one_of_the_whole_and_not_of_each_replica()
    {
        using var data = new GeneratedImages(new() { Count = 50 });
        var alone = Extract(data, limit: 10);

        Assert.All(ThreadReplicas.Run(3, replicas => Extract(data, replicas, limit: 10)), one => Assert.Equal(alone.Features.Names, one.Features.Names));
    }

    [Fact]
    public void Cancelled_on_one_replica_is_cancelled_on_all()
    {
        using var data = new GeneratedImages(new() { Count = 50 });
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.All(
            ThreadReplicas.Run(3, replicas => Record.Exception(() => Extract(data, replicas, cancellation: replicas.Rank == 1 ? cancelled.Token : CancellationToken.None))),
            error => Assert.IsType<OperationCanceledException>(error, exactMatch: false));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(40)]
    public void The_votes_of_neighbours_are_counted_together(int count)
    {
        FeatureSet train = Blobs.Draw(60, 4, 3, 2, seed: 1), test = Blobs.Draw(31, 4, 3, 2, seed: 2);
        var classifier = new KnnClassifier(train, new() { K = 5 });
        var alone = classifier.Evaluate(test, cancellation: Token);

        Assert.InRange(alone.Top1, 0.3, 0.95);
        Assert.All(ThreadReplicas.Run(count, replicas => classifier.Evaluate(test, replicas, Token)), one =>
        {
            Assert.Equal(alone.Ranks, one.Ranks);
            Assert.Equal(alone.K, one.K);
        });
    }

    /// <summary>Each replica has a network of its own, as processes do.</summary>
    private static Extraction Extract(ImageDataset data, IReplicas? replicas = null, int? limit = null, CancellationToken? cancellation = null)
    {
        using var encoder = new TinyBackbone();
        return FeatureExtractor.Extract(encoder, new ImageEvalSource(data, Transform), limit, replicas: replicas, cancellation: cancellation ?? Token);
    }

    private static IEnumerable<double> Numbers(FeatureSet features) => features.Values.ToArray().Select(value => (double)value);
}
