using System.Diagnostics;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>The views of a batch of samples. Valid until the next batch is asked for.</summary>
/// <param name="Views">For each view of a sample a tensor [batch size, ...]; all belong to the same samples in the same order.</param>
/// <param name="Labels">int64 [batch size]; -1 where a sample has none.</param>
public sealed record ViewBatch(IReadOnlyList<Tensor> Views, Tensor Labels)
{
    /// <summary>A batch of two views a sample.</summary>
    public ViewBatch(Tensor v1, Tensor v2, Tensor labels) : this([v1, v2], labels) { }

    /// <summary>The first views.</summary>
    public Tensor V1 => Views[0];

    /// <summary>The second views.</summary>
    public Tensor V2 => Views[1];

    /// <summary>What is left to do to the views once they are on their device, or null: they are finished.</summary>
    public ViewFinish? Finish { get; init; }
}

/// <summary>Finishes a part of a batch's views.</summary>
/// <param name="views">Some of the batch's views, on the device.</param>
/// <param name="number">Which views, from 0.</param>
/// <param name="start">The place in the batch of the first of them.</param>
public delegate Tensor ViewFinish(Tensor views, int number, long start);

/// <summary>
/// Draws batches of views on background threads while the trainer computes. Samples form one endless stream, epoch after epoch,
/// each in its own random order, as in the authors' input pipeline: batches are always full and a step's samples depend on
/// (seed, step) alone, so resuming at any step needs no loader state.
/// </summary>
public sealed class DataLoader : IDisposable
{
    private readonly int _batchSize, _partSize;
    private readonly BatchPart _part;
    private readonly BatchSlot[] _slots;
    private readonly Thread[] _workers;
    private readonly object _gate = new();
    private readonly Stopwatch _waiting = new();
    private readonly SampleOrder _order;
    private long _nextTicket;
    private long _consumed;
    private Exception? _failure;
    private bool _stopping;

    /// <summary>Starts the background threads.</summary>
    /// <param name="source">Where views come from.</param>
    /// <param name="batchSize">Samples a batch, at most the source's count.</param>
    /// <param name="seed">Seed of the sample order.</param>
    /// <param name="startStep">The step whose batch comes first.</param>
    /// <param name="workers">Number of background threads, 1 or more.</param>
    /// <param name="prefetch">Batches held ready, 1 or more; bounds the memory.</param>
    /// <param name="pinned">Memory that a GPU fetches by itself while the CPU goes on; needs one.</param>
    public DataLoader(IViewSource source, int batchSize, long seed, long startStep = 0, int workers = 1, int prefetch = 2, bool pinned = false)
        : this(source, batchSize, seed, startStep, workers, prefetch, pinned, BatchPart.Whole) { }

    /// <summary>Starts the threads of a replica, which draws its part of each batch.</summary>
    internal DataLoader(IViewSource source, int batchSize, long seed, long startStep, int workers, int prefetch, bool pinned, BatchPart part)
    {
        if (source.Count < batchSize)
        {
            throw new ConfigurationException(
                $"trainer.batchSize is {batchSize} but the data has only {source.Count} samples; set --batch-size to {source.Count} or less.");
        }
        (_batchSize, _part, _partSize) = (batchSize, part, part.Length(batchSize));
        _order = new(source.Count, seed);
        _consumed = startStep - 1; // the batch before the first is the one "in use"
        _nextTicket = startStep * _partSize;
        _slots = [.. Enumerable.Range(0, prefetch + 1).Select(_ => new BatchSlot(source, _partSize, pinned))];
        _workers = [.. Enumerable.Range(0, workers).Select(i => new Thread(Work) { IsBackground = true, Name = $"data {i}" })];
        foreach (var worker in _workers)
        {
            worker.Start();
        }
    }

    /// <summary>Time that <see cref="Next"/> has spent waiting for data.</summary>
    public TimeSpan Waited => _waiting.Elapsed;

    /// <summary>The next step's batch; the one before it must no longer be used.</summary>
    public ViewBatch Next()
    {
        _waiting.Start();
        try
        {
            lock (_gate)
            {
                long step = ++_consumed;
                Monitor.PulseAll(_gate);
                var slot = _slots[step % _slots.Length];
                while (slot.ReadyStep != step)
                {
                    ThrowIfFailed();
                    Monitor.Wait(_gate);
                }
                return slot.Batch;
            }
        }
        finally
        {
            _waiting.Stop();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var worker in _workers)
        {
            worker.Join();
        }
        foreach (var slot in _slots)
        {
            slot.Dispose();
        }
    }

    private void Work()
    {
        try
        {
            while (TakeTicket(out long step, out int position))
            {
                var slot = _slots[step % _slots.Length];
                var (epoch, index) = _order.At(step * _batchSize + _part.PlaceOf(position, _batchSize));
                slot.Fill(epoch, index, position);
                if (slot.CountDown())
                {
                    Publish(slot, step);
                }
            }
        }
        catch (Exception failure)
        {
            lock (_gate)
            {
                _failure ??= failure;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Hands out the places of the stream one by one, and holds back while all slots are full.</summary>
    private bool TakeTicket(out long step, out int position)
    {
        lock (_gate)
        {
            while (!_stopping && _failure is null && _nextTicket / _partSize >= _consumed + _slots.Length)
            {
                Monitor.Wait(_gate);
            }
            (step, long offset) = Math.DivRem(_nextTicket, _partSize);
            position = (int)offset;
            _nextTicket++;
            return !_stopping && _failure is null;
        }
    }

    private void Publish(BatchSlot slot, long step)
    {
        lock (_gate)
        {
            slot.ReadyStep = step;
            Monitor.PulseAll(_gate);
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is ByolException known)
        {
            throw known;
        }
        if (_failure is not null)
        {
            throw new InvalidOperationException("a data thread failed", _failure);
        }
    }
}
