using ByolSharp.Distributed;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class BatchPartTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 4)]
    public void Replicas_share_each_micro_batch_of_one_process_without_overlap(int count, int accumulationSteps)
    {
        const int batchSize = 48;
        int micro = batchSize / accumulationSteps;
        for (int step = 0; step < accumulationSteps; step++)
        {
            int[] places = [.. Enumerable.Range(0, count).SelectMany(rank => PlacesOf(new(rank, count, accumulationSteps), step))];

            Assert.Equal(Enumerable.Range(step * micro, micro), places); // in the order of ranks, as projections are gathered
        }

        IEnumerable<int> PlacesOf(BatchPart part, int step)
        {
            int own = part.Length(batchSize) / accumulationSteps;
            return Enumerable.Range(step * own, own).Select(position => part.PlaceOf(position, batchSize));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(32)]
    public void A_batch_that_leaves_a_replica_less_than_two_samples_or_a_remainder_is_refused(int count)
    {
        using var replicas = new Crowd(count);
        var error = Assert.Throws<ConfigurationException>(() => BatchPart.Of(replicas, new() { BatchSize = 32 }));

        Assert.Contains($"{count} replicas", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Many replicas that never meet.</summary>
    private sealed class Crowd(int count) : IReplicas
    {
        public int Rank => 0;

        public int Count => count;

        public TimeSpan Met => TimeSpan.Zero;

        public void Sum(Span<float> values) => throw new NotSupportedException();

        public void Sum(Span<double> values) => throw new NotSupportedException();

        public void Broadcast(Span<byte> bytes) => throw new NotSupportedException();

        public void Gather(ReadOnlySpan<byte> mine, Span<byte> all) => throw new NotSupportedException();

        public void Abort(int exitCode) => throw new NotSupportedException();

        public void Dispose() { }
    }
}
