using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>Reused memory of one batch, which several data threads fill.</summary>
internal sealed unsafe class BatchSlot : IDisposable
{
    private readonly IViewSource _source;
    private readonly IDeviceViewSource? _unfinished;
    private readonly int _batchSize, _viewLength, _planLength;
    private readonly Tensor _memory;
    private readonly float* _views;
    private readonly float[] _plans;
    private readonly long* _labels;
    private int _missing;

    /// <summary>Allocates the memory.</summary>
    /// <param name="source">Where views come from.</param>
    /// <param name="batchSize">Samples.</param>
    /// <param name="pinned">Page-locked memory, for copies to a GPU that nobody waits for.</param>
    internal BatchSlot(IViewSource source, int batchSize, bool pinned)
    {
        (_source, _unfinished) = (source, source as IDeviceViewSource);
        (_batchSize, _missing) = (batchSize, batchSize);
        _viewLength = (int)source.ViewShape.Aggregate(1L, (a, b) => a * b);
        _planLength = _unfinished?.PlanLength ?? 0;
        _plans = new float[source.ViewCount * batchSize * _planLength];
        using var scope = NewDisposeScope();
        _memory = Allocate([source.ViewCount, batchSize, .. source.ViewShape], float32, pinned);
        var labels = Allocate([batchSize], int64, pinned);
        Batch = new([.. Enumerable.Range(0, source.ViewCount).Select(view => _memory.select(0, view).DetachFromDisposeScope())], labels)
        {
            Finish = _unfinished is null ? null : Finish,
        };
        _views = (float*)AddressOf(_memory);
        _labels = (long*)AddressOf(labels);
    }

    internal ViewBatch Batch { get; }

    internal long ReadyStep { get; set; } = -1;

    internal void Fill(long epoch, int index, int position)
    {
        long start = (long)position * _viewLength;
        var views = new ViewSpans(ref _views[start], _viewLength, (nint)_batchSize * _viewLength, _source.ViewCount);
        if (_unfinished is null)
        {
            _source.Draw(epoch, index, views);
        }
        else
        {
            var plans = new ViewSpans(ref _plans[position * _planLength], _planLength, _batchSize * _planLength, _source.ViewCount);
            _unfinished.Begin(epoch, index, views, plans);
        }
        _labels[position] = _source.LabelOf(index);
    }

    /// <summary>True for whoever fills the last place.</summary>
    internal bool CountDown()
    {
        if (Interlocked.Decrement(ref _missing) > 0)
        {
            return false;
        }
        _missing = _batchSize;
        return true;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var views in Batch.Views)
        {
            views.Dispose();
        }
        _memory.Dispose();
        Batch.Labels.Dispose();
    }

    private Tensor Finish(Tensor views, int number, long start) =>
        _unfinished!.Finish(views, number, _plans.AsSpan((number * _batchSize + (int)start) * _planLength, (int)views.shape[0] * _planLength));

    private static Tensor Allocate(long[] shape, ScalarType type, bool pinned)
    {
        var memory = empty(shape, type);
        return (pinned ? memory.pin_memory() : memory).DetachFromDisposeScope();
    }

    private static void* AddressOf(Tensor tensor) => Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
