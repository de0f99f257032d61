using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ByolSharp.Sources;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>The memory of a sample's views, one after the other at equal distances, to be written.</summary>
public readonly ref struct ViewSpans
{
    private readonly ref float _first;
    private readonly nint _distance;

    /// <summary>Views without gaps.</summary>
    /// <param name="memory">All views.</param>
    /// <param name="count">How many.</param>
    public ViewSpans(Span<float> memory, int count)
        : this(ref MemoryMarshal.GetReference(memory), memory.Length / count, memory.Length / count, count) =>
        ArgumentOutOfRangeException.ThrowIfNotEqual(memory.Length % count, 0, nameof(count));

    /// <summary>Views in the memory of a batch.</summary>
    /// <param name="first">The first value of the first view.</param>
    /// <param name="length">Values of a view.</param>
    /// <param name="distance">Values from the start of a view to that of the next.</param>
    /// <param name="count">How many views.</param>
    internal ViewSpans(ref float first, int length, nint distance, int count)
    {
        _first = ref first;
        (Length, _distance, Count) = (length, distance, count);
    }

    /// <summary>Number of views.</summary>
    public int Count { get; }

    /// <summary>Values of a view.</summary>
    public int Length { get; }

    /// <summary>One view, contiguous.</summary>
    public Span<float> this[int view]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)view, (uint)Count, nameof(view));
            return MemoryMarshal.CreateSpan(ref Unsafe.Add(ref _first, view * _distance), Length);
        }
    }
}

/// <summary>
/// Where the data loader gets views from: a data set joined with its two augmentation distributions T and T' (paper, section 3).
/// One implementation per domain; all members are called from several threads at once.
/// </summary>
public interface IViewSource
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Shape of one view without the batch dimension, for example [3, 32, 32].</summary>
    IReadOnlyList<long> ViewShape { get; }

    /// <summary>Views of a sample: 2, more where each predicts several others, or 1 for training on labels. Default 2.</summary>
    int ViewCount => 2;

    /// <summary>The label of a sample, or -1 where there is none.</summary>
    int LabelOf(int index);

    /// <summary>Draws all views of a sample; what is drawn depends only on the source's seed, the epoch and the index.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="index">The sample, from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="views"><see cref="ViewCount"/> views of <see cref="ViewShape"/>.</param>
    void Draw(long epoch, int index, ViewSpans views);
}

/// <summary>
/// A source that leaves the later part of each view to the device of the network, which does it for whole batches: a GPU is faster at it than
/// the cores that have to feed it.
/// </summary>
public interface IDeviceViewSource : IViewSource
{
    /// <summary>Numbers that hold what is left to do to a view.</summary>
    int PlanLength { get; }

    /// <summary>As <see cref="IViewSource.Draw"/>, but only as far as the data threads go; the plans say what is left.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="index">The sample, from 0 to <see cref="IViewSource.Count"/> - 1.</param>
    /// <param name="views">The views as they were begun, of <see cref="IViewSource.ViewShape"/>.</param>
    /// <param name="plans">One a view, of <see cref="PlanLength"/>.</param>
    void Begin(long epoch, int index, ViewSpans views, ViewSpans plans);

    /// <summary>Does what is left; called by one thread at a time.</summary>
    /// <param name="views">Begun views, [N, ...], on the device; not changed.</param>
    /// <param name="number">Which views, from 0.</param>
    /// <param name="plans">Their N plans, one after the other.</param>
    /// <returns>The finished views.</returns>
    Tensor Finish(Tensor views, int number, ReadOnlySpan<float> plans);
}

/// <summary>
/// Where evaluation and embedding get samples from: each has one view without chance, or several whose representations are averaged. One
/// implementation per domain; all members
/// are called from several threads at once.
/// </summary>
public interface IEvalSource
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Shape of a view without the batch dimension.</summary>
    IReadOnlyList<long> ViewShape { get; }

    /// <summary>Views of a sample, such as clips of a video. Default 1.</summary>
    int ViewCount => 1;

    /// <summary>Class names in the order of the labels; empty where there are none.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>A name that is unique in the source, such as a file's path.</summary>
    string NameOf(int index);

    /// <summary>The label of a sample, or -1 where there is none.</summary>
    int LabelOf(int index);

    /// <summary>Writes the views of a sample, one after the other without gaps.</summary>
    void Render(int index, Span<float> views);
}

/// <summary>
/// Labelled samples that a classifier is trained on: without chance, as every <see cref="IEvalSource"/> has them, and as augmented views.
/// </summary>
public interface ITrainingSource : IEvalSource
{
    /// <summary>Samples that could not be read when augmented views were drawn.</summary>
    Quarantine Quarantine { get; }

    /// <summary>One augmented view of each of some samples. What stands in for an unreadable one is among them too.</summary>
    /// <param name="samples">Indices of samples, at least one; sample i of the result is the i-th of them.</param>
    /// <param name="seed">With epoch and index the only thing that decides what is drawn.</param>
    IViewSource Augmented(IReadOnlyList<int> samples, long seed);
}
