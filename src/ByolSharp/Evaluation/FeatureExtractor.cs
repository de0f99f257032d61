using ByolSharp.Distributed;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Representations of a source, and the samples that could not be read.</summary>
/// <param name="Features">One row for every readable sample, in the source's order.</param>
/// <param name="Skipped">Name and reason of the others.</param>
public sealed record Extraction(FeatureSet Features, IReadOnlyList<(string Name, string Reason)> Skipped);

/// <summary>Runs a frozen encoder over a source: views are rendered on all cores while the network computes.</summary>
public static class FeatureExtractor
{
    // Eight views of 224 pixels. With more, what layers make no longer fits into the memory that the allocator keeps, and each pass is given new pages:
    // with 64 a representation takes twice as long (docs/performance.md).
    private const int CpuValues = 8 * 3 * 224 * 224;

    /// <summary>Extracts the representation of every readable sample.</summary>
    /// <param name="encoder">Put into evaluation mode for the time, and back after; its buffers do not change.</param>
    /// <param name="source">The samples.</param>
    /// <param name="limit">At most so many samples, the first ones of a shuffle by <paramref name="seed"/>; null for all, in order.</param>
    /// <param name="seed">Seed of the choice.</param>
    /// <param name="batchSize">Views a forward pass, unless a sample has more; on the CPU fewer of large views.</param>
    /// <param name="replicas">Those who share the work, all with the same encoder and source, and each gets all of the result; null for this process alone.</param>
    /// <param name="progress">Told the number of samples done and of all, of this replica.</param>
    /// <param name="cancellation">Ends the work between two batches.</param>
    /// <exception cref="UnusableDataException">No sample can be read.</exception>
    public static Extraction Extract(
        Backbone encoder, IEvalSource source, int? limit = null, long seed = 0, int batchSize = 256, IReplicas? replicas = null,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        var extraction = ExtractReadable(encoder, source, limit, seed, batchSize, replicas, progress, cancellation);
        return extraction.Features.Count > 0 ? extraction : throw new UnusableDataException(
            $"none of the {extraction.Skipped.Count:N0} samples can be read; the first, {extraction.Skipped[0].Name}: {extraction.Skipped[0].Reason}");
    }

    /// <summary>As <see cref="Extract"/>, for a part of a data set: that nothing of it can be read is no failure.</summary>
    internal static Extraction ExtractReadable(
        Backbone encoder, IEvalSource source, int? limit = null, long seed = 0, int batchSize = 256, IReplicas? replicas = null,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        int[] samples = Choose(source.Count, limit, seed);
        return (replicas is { Count: > 1 }
            ? SharedExtraction.Rows(samples, encoder.RepresentationSize, replicas, part => Read(encoder, source, part, batchSize, progress, cancellation), cancellation)
            : Read(encoder, source, samples, batchSize, progress, cancellation)).Of(source);
    }

    private static ExtractedRows Read(
        Backbone encoder, IEvalSource source, int[] samples, int batchSize, IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        int views = encoder.Device.type == TorchSharp.DeviceType.CPU ? Math.Min(batchSize, Math.Max(1, CpuValues / ViewLength(source))) : batchSize;
        var features = new float[Numbers(samples.Length, encoder.RepresentationSize)];
        var kept = new List<int>(samples.Length);
        var skipped = new List<(string Name, string Reason)>();
        bool wasTraining = encoder.training;
        encoder.eval();
        try
        {
            int[][] chunks = [.. samples.Chunk(Math.Max(1, views / source.ViewCount))];
            var next = Task.Run(() => RenderedBatch.Of(source, chunks[0]), cancellation);
            for (int i = 0, done = 0; i < chunks.Length; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                var batch = next.GetAwaiter().GetResult();
                int following = i + 1;
                next = following < chunks.Length ? Task.Run(() => RenderedBatch.Of(source, chunks[following]), cancellation) : next;
                Encode(encoder, source, batch, features.AsSpan(kept.Count * encoder.RepresentationSize));
                kept.AddRange(batch.Indices);
                skipped.AddRange(batch.Skipped);
                FreedMemory.Return(i);
                progress?.Report((done += chunks[i].Length, samples.Length));
            }
        }
        finally
        {
            encoder.train(wasTraining);
        }
        return new(kept.Count == samples.Length ? features : features[..(kept.Count * encoder.RepresentationSize)], encoder.RepresentationSize, kept, skipped);
    }

    internal static int Numbers(int samples, int size) => (long)samples * size is var numbers && numbers <= Array.MaxLength
        ? (int)numbers
        : throw new UnusableDataException(FormattableString.Invariant(
            $"{samples:N0} representations of {size:N0} numbers are more than can be held together: take at most {Array.MaxLength / size:N0} samples"));

    private static void Encode(Backbone encoder, IEvalSource source, RenderedBatch batch, Span<float> features)
    {
        if (batch.Indices.Count == 0)
        {
            return;
        }
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var views = frombuffer(batch.Views, float32).view([batch.Indices.Count * source.ViewCount, .. source.ViewShape]).to(encoder.Device);
        var y = encoder.call(ChannelsLast.Convert(views));
        y = (source.ViewCount == 1 ? y : y.view(batch.Indices.Count, source.ViewCount, -1).mean([1])).cpu().contiguous();
        y.data<float>().CopyTo(features);
    }

    private static int ViewLength(IEvalSource source) => (int)source.ViewShape.Aggregate(1L, (a, b) => a * b);

    private static int[] Choose(int count, int? limit, long seed)
    {
        int[] samples = [.. Enumerable.Range(0, count)];
        if (limit is { } most && most < count)
        {
            new SampleRandom(seed).Shuffle<int>(samples);
            samples = samples[..most];
        }
        return samples.Length > 0 ? samples : throw new UnusableDataException("there is no sample to evaluate.");
    }

    /// <summary>Views of the readable samples of a batch, without gaps.</summary>
    private sealed record RenderedBatch(float[] Views, IReadOnlyList<int> Indices, IReadOnlyList<(string Name, string Reason)> Skipped)
    {
        internal static RenderedBatch Of(IEvalSource source, int[] samples)
        {
            int length = source.ViewCount * ViewLength(source);
            var views = new float[samples.Length * length];
            var reasons = new string?[samples.Length];
            Parallel.For(0, samples.Length, i =>
            {
                try
                {
                    source.Render(samples[i], views.AsSpan(i * length, length));
                }
                catch (UnreadableSampleException unreadable)
                {
                    reasons[i] = unreadable.Message;
                }
            });
            int[] readable = [.. Enumerable.Range(0, samples.Length).Where(i => reasons[i] is null)];
            for (int place = 0; place < readable.Length; place++)
            {
                if (readable[place] != place)
                {
                    views.AsSpan(readable[place] * length, length).CopyTo(views.AsSpan(place * length, length));
                }
            }
            return new(
                views.Length == readable.Length * length ? views : views[..(readable.Length * length)],
                [.. readable.Select(i => samples[i])],
                [.. Enumerable.Range(0, samples.Length).Where(i => reasons[i] is not null).Select(i => (source.NameOf(samples[i]), reasons[i]!))]);
        }
    }
}
