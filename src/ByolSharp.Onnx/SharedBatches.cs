using System.Diagnostics;
using System.Threading.Channels;

namespace ByolSharp.Onnx;

/// <summary>
/// Views of calls that come at the same time go through the encoder together. Nobody waits for company: a batch takes what has gathered while
/// the one before was computed, so a lone call is as fast as without.
/// </summary>
/// <typeparam name="TView">What the encoder takes.</typeparam>
internal sealed class SharedBatches<TView> : IDisposable
{
    private readonly EmbeddingPlan _plan;
    private readonly Func<IReadOnlyList<TView>, float[]> _run;
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly Task _work;

    /// <summary>Begins to wait for views.</summary>
    /// <param name="plan">Size of the batches.</param>
    /// <param name="run">Representations of views, one after the other.</param>
    internal SharedBatches(EmbeddingPlan plan, Func<IReadOnlyList<TView>, float[]> run)
    {
        (_plan, _run) = (plan, run);
        _work = Task.Run(Work);
    }

    /// <summary>The representation of a view.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before its batch began, or this was disposed.</exception>
    internal Task<float[]> RunAsync(TView view, CancellationToken cancellation)
    {
        var waiting = new Waiting(view, new(TaskCreationOptions.RunContinuationsAsynchronously), cancellation);
        return _queue.Writer.TryWrite(waiting) ? waiting.Result.Task : Task.FromCanceled<float[]>(new CancellationToken(canceled: true));
    }

    /// <summary>Ends after the batches that wait.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _work.GetAwaiter().GetResult();
    }

    private async Task Work()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            var batch = new List<Waiting>(_plan.BatchSize);
            while (batch.Count < _plan.BatchSize && _queue.Reader.TryRead(out var waiting))
            {
                if (waiting.Cancellation.IsCancellationRequested)
                {
                    waiting.Result.TrySetCanceled(waiting.Cancellation);
                }
                else
                {
                    batch.Add(waiting);
                }
            }
            if (batch.Count > 0)
            {
                Run(batch);
            }
        }
    }

    private void Run(List<Waiting> batch)
    {
        try
        {
            long began = Stopwatch.GetTimestamp();
            int size = _plan.RepresentationSize;
            float[] representations = _run([.. batch.Select(waiting => waiting.View)]);
            EmbeddingMetrics.Count(_plan.Counter, batch.Count, Stopwatch.GetElapsedTime(began));
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].Result.TrySetResult(representations[(i * size)..((i + 1) * size)]);
            }
        }
        catch (Exception e)
        {
            batch.ForEach(waiting => waiting.Result.TrySetException(e)); // those who wait throw it; the next batch may do better
        }
    }

    private sealed record Waiting(TView View, TaskCompletionSource<float[]> Result, CancellationToken Cancellation);
}
