using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>Reused memory of one batch, which several data threads fill.</summary>
internal sealed unsafe class BatchSlot : IDisposable
{
    private readonly IViewSource _source;
    private readonly IDeviceViewSource? _unfinished;
    private readonly int _batchSize, _viewLength, _secondLength, _planLength;
    private readonly float* _v1, _v2;
    private readonly float[] _plans1, _plans2;
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
        _secondLength = source.ViewCount > 1 ? _viewLength : 0;
        _planLength = _unfinished?.PlanLength ?? 0;
        (_plans1, _plans2) = (new float[batchSize * _planLength], new float[batchSize * _planLength]);
        using var scope = NewDisposeScope();
        long[] shape = [batchSize, .. source.ViewShape];
        long[] secondShape = source.ViewCount > 1 ? shape : [0, .. source.ViewShape];
        Batch = new(Allocate(shape, float32, pinned), Allocate(secondShape, float32, pinned), Allocate([batchSize], int64, pinned))
        {
            Finish = _unfinished is null ? null : Finish,
        };
        _v1 = (float*)AddressOf(Batch.V1);
        _v2 = _secondLength > 0 ? (float*)AddressOf(Batch.V2) : null;
        _labels = (long*)AddressOf(Batch.Labels);
    }

    internal ViewBatch Batch { get; }

    internal long ReadyStep { get; set; } = -1;

    internal void Fill(long epoch, int index, int position)
    {
        var v1 = new Span<float>(_v1 + (long)position * _viewLength, _viewLength);
        var v2 = new Span<float>(_v2 + (long)position * _secondLength, _secondLength);
        if (_unfinished is null)
        {
            _source.Draw(epoch, index, v1, v2);
        }
        else
        {
            int plan = position * _planLength;
            _unfinished.Begin(epoch, index, v1, v2, _plans1.AsSpan(plan, _planLength), _plans2.AsSpan(plan, _planLength));
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
        Batch.V1.Dispose();
        Batch.V2.Dispose();
        Batch.Labels.Dispose();
    }

    private Tensor Finish(Tensor views, int number, long start)
    {
        float[] plans = number == 0 ? _plans1 : _plans2;
        return _unfinished!.Finish(views, number, plans.AsSpan((int)start * _planLength, (int)views.shape[0] * _planLength));
    }

    private static Tensor Allocate(long[] shape, ScalarType type, bool pinned)
    {
        var memory = empty(shape, type);
        return (pinned ? memory.pin_memory() : memory).DetachFromDisposeScope();
    }

    private static void* AddressOf(Tensor tensor) => Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));
}
