using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Gives a network that was never trained the batch-norm statistics that training would have given it.</summary>
public static class BatchStatistics
{
    private const int Samples = 2560, BatchSize = 256;

    /// <summary>Runs up to 2,560 samples through the network in training mode; a random encoder without it is an unfairly weak baseline.</summary>
    /// <param name="encoder">The network; in evaluation mode afterwards.</param>
    /// <param name="source">The samples; an unreadable one counts as its mean, all zeros.</param>
    /// <param name="seed">Seed of the choice of samples.</param>
    public static void Settle(Backbone encoder, IEvalSource source, long seed)
    {
        int[] order = [.. Enumerable.Range(0, source.Count)];
        new SampleRandom(seed).Shuffle<int>(order);
        int length = source.ViewCount * (int)source.ViewShape.Aggregate(1L, (a, b) => a * b);
        using var gradients = no_grad();
        encoder.train();
        foreach (int[] batch in order.Take(Samples).Chunk(BatchSize).Where(b => b.Length > 1))
        {
            using var scope = NewDisposeScope();
            var views = new float[batch.Length * length];
            Parallel.For(0, batch.Length, i => TryRender(source, batch[i], views.AsSpan(i * length, length)));
            encoder.call(ChannelsLast.Convert(frombuffer(views, float32).view([batch.Length * source.ViewCount, .. source.ViewShape])));
        }
        encoder.eval();
    }

    private static void TryRender(IEvalSource source, int index, Span<float> view)
    {
        try
        {
            source.Render(index, view);
        }
        catch (UnreadableSampleException)
        {
            view.Clear();
        }
    }
}
