using System.Diagnostics;
using System.Threading.Channels;

namespace ByolSharp.Onnx;

/// <summary>
/// Views of calls that come at the same time go through the encoder together. Nobody waits for company: a batch takes what has gathered while
/// the one before was computed, so a lone call is as fast as without.
/// </summary>
internal sealed class SharedBatches : IDisposable
{
    private readonly OnnxEncoder _encoder;
    private readonly int _batchSize;
    private readonly int _viewLength;
    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new() { SingleReader = true });
    private readonly Task _work;

    /// <summary>Begins to wait for views.</summary>
    /// <param name="encoder">Takes views; not disposed.</param>
    /// <param name="viewLength">Values of a view.</param>
    /// <param name="batchSize">Views that ONNX Runtime is given at once, at most.</param>
    internal SharedBatches(OnnxEncoder encoder, int viewLength, int batchSize)
    {
        (_encoder, _viewLength, _batchSize) = (encoder, viewLength, encoder.MaxBatchSize ?? batchSize);
        _work = Task.Run(Work);
    }

    /// <summary>The representation of a view.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled before its batch began, or this was disposed.</exception>
    internal Task<float[]> RunAsync(float[] view, CancellationToken cancellation)
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
            var batch = new List<Waiting>(_batchSize);
            while (batch.Count < _batchSize && _queue.Reader.TryRead(out var waiting))
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
            int rows = _encoder.MaxBatchSize ?? batch.Count, size = _encoder.RepresentationSize;
            var views = new float[rows * _viewLength];
            for (int i = 0; i < batch.Count; i++)
            {
                batch[i].View.CopyTo(views, i * _viewLength);
            }
            float[] representations = _encoder.Run(views, [rows, _encoder.Channels, _encoder.ImageSize, _encoder.ImageSize]);
            EmbeddingMetrics.Count(batch.Count, Stopwatch.GetElapsedTime(began));
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

    private sealed record Waiting(float[] View, TaskCompletionSource<float[]> Result, CancellationToken Cancellation);
}
