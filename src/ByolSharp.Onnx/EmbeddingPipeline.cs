using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace ByolSharp.Onnx;

/// <summary>How samples of a kind become embeddings.</summary>
/// <typeparam name="TInput">What callers have.</typeparam>
internal interface IEmbeddingPipeline<TInput> : IDisposable
{
    /// <summary>Embeds samples; see <see cref="ImageEmbeddingGenerator.GenerateAsync"/>.</summary>
    Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, CancellationToken cancellation);
}

/// <summary>Samples are prepared on several threads and go through the encoder in batches, of one call or of all that come at the same time.</summary>
/// <typeparam name="TInput">What callers have.</typeparam>
/// <typeparam name="TView">What the encoder takes.</typeparam>
internal sealed class EmbeddingPipeline<TInput, TView> : IEmbeddingPipeline<TInput>
{
    private readonly EmbeddingPlan _plan;
    private readonly Func<TInput, TView> _prepare;
    private readonly Func<IReadOnlyList<TView>, CancellationToken, float[]> _run;
    private readonly SemaphoreSlim _preparers;
    private readonly SharedBatches<TView>? _shared;

    /// <summary>A pipeline through an encoder.</summary>
    /// <param name="plan">Batches and threads.</param>
    /// <param name="prepare">A view of a sample; safe for several threads. An <see cref="InvalidDataException"/> says that there is none.</param>
    /// <param name="run">Representations of views, one after the other; safe for several threads.</param>
    public EmbeddingPipeline(EmbeddingPlan plan, Func<TInput, TView> prepare, Func<IReadOnlyList<TView>, CancellationToken, float[]> run)
    {
        (_plan, _prepare, _run) = (plan, prepare, run);
        _preparers = new(plan.Threads);
        _shared = plan.SharesBatches ? new(plan, views => run(views, CancellationToken.None)) : null;
    }

    /// <inheritdoc />
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<TInput> values, CancellationToken cancellation)
    {
        TInput[] samples = [.. values];
        return _shared is null ? Task.Run(() => Generate(samples, cancellation), cancellation) : GenerateTogether(_shared, samples, cancellation);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _shared?.Dispose();
        _preparers.Dispose();
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> GenerateTogether(SharedBatches<TView> shared, TInput[] samples, CancellationToken cancellation)
    {
        float[][] representations = await Task.WhenAll(Enumerable.Range(0, samples.Length).Select(async i =>
        {
            await _preparers.WaitAsync(cancellation).ConfigureAwait(false);
            TView view;
            try
            {
                view = await Task.Run(() => Prepare(samples, i), cancellation).ConfigureAwait(false);
            }
            finally
            {
                _preparers.Release();
            }
            return await shared.RunAsync(view, cancellation).ConfigureAwait(false);
        })).ConfigureAwait(false);
        return [.. representations.Select(y => ToEmbedding(y))];
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(TInput[] samples, CancellationToken cancellation)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(samples.Length);
        for (int start = 0; start < samples.Length; start += _plan.BatchSize)
        {
            long began = Stopwatch.GetTimestamp();
            var views = PrepareAll(samples, start, Math.Min(_plan.BatchSize, samples.Length - start), cancellation);
            float[] representations = _run(views, cancellation);
            EmbeddingMetrics.Count(_plan.Counter, views.Length, Stopwatch.GetElapsedTime(began));
            embeddings.AddRange(representations.Chunk(_plan.RepresentationSize).Take(views.Length).Select(ToEmbedding));
        }
        return embeddings;
    }

    private TView[] PrepareAll(TInput[] samples, int start, int count, CancellationToken cancellation)
    {
        var views = new TView[count];
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _plan.Threads, CancellationToken = cancellation };
            Parallel.For(0, count, parallel, i => views[i] = Prepare(samples, start + i));
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is InvalidDataException first)
        {
            throw new InvalidDataException(first.Message, e);
        }
        return views;
    }

    private TView Prepare(TInput[] samples, int index)
    {
        try
        {
            return _prepare(samples[index]);
        }
        catch (InvalidDataException e)
        {
            EmbeddingMetrics.CountFailure();
            throw new InvalidDataException($"{_plan.What} {index + 1} of {samples.Length}: {e.Message}", e);
        }
    }

    private Embedding<float> ToEmbedding(float[] vector)
    {
        if (_plan.Normalises)
        {
            float length = MathF.Sqrt(vector.Sum(v => v * v));
            vector = length > 0 ? Array.ConvertAll(vector, v => v / length) : vector;
        }
        return new(vector) { ModelId = _plan.Model, CreatedAt = DateTimeOffset.UtcNow };
    }
}
