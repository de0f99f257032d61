using static TorchSharp.torch;

namespace ByolSharp;

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

    /// <summary>Views of a sample: 2, or 1 for training on labels, where <see cref="Draw"/> gets an empty second view. Default 2.</summary>
    int ViewCount => 2;

    /// <summary>The label of a sample, or -1 where there is none.</summary>
    int LabelOf(int index);

    /// <summary>Draws both views of a sample; what is drawn depends only on the source's seed, the epoch and the index.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="index">The sample, from 0 to <see cref="Count"/> - 1.</param>
    /// <param name="v1">The first view, contiguous, of <see cref="ViewShape"/>.</param>
    /// <param name="v2">The second view, likewise.</param>
    void Draw(long epoch, int index, Span<float> v1, Span<float> v2);
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
    /// <param name="v1">The first view as it was begun, contiguous, of <see cref="IViewSource.ViewShape"/>.</param>
    /// <param name="v2">The second view, likewise.</param>
    /// <param name="plan1">Of <see cref="PlanLength"/>.</param>
    /// <param name="plan2">Of <see cref="PlanLength"/>.</param>
    void Begin(long epoch, int index, Span<float> v1, Span<float> v2, Span<float> plan1, Span<float> plan2);

    /// <summary>Does what is left; called by one thread at a time.</summary>
    /// <param name="views">Begun views, [N, ...], on the device; not changed.</param>
    /// <param name="number">0 for first views, 1 for second ones.</param>
    /// <param name="plans">Their N plans, one after the other.</param>
    /// <returns>The finished views.</returns>
    Tensor Finish(Tensor views, int number, ReadOnlySpan<float> plans);
}

/// <summary>
/// Where evaluation and embedding get samples from: each has one view without chance. One implementation per domain; all members
/// are called from several threads at once.
/// </summary>
public interface IEvalSource
{
    /// <summary>Number of samples.</summary>
    int Count { get; }

    /// <summary>Shape of a view without the batch dimension.</summary>
    IReadOnlyList<long> ViewShape { get; }

    /// <summary>Class names in the order of the labels; empty where there are none.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>A name that is unique in the source, such as a file's path.</summary>
    string NameOf(int index);

    /// <summary>The label of a sample, or -1 where there is none.</summary>
    int LabelOf(int index);

    /// <summary>Writes the view of a sample.</summary>
    void Render(int index, Span<float> view);
}

/// <summary>
/// Labelled samples that a classifier is trained on: without chance, as every <see cref="IEvalSource"/> has them, and as augmented views.
/// </summary>
public interface ITrainingSource : IEvalSource
{
    /// <summary>One augmented view of each of some samples. What stands in for an unreadable one is among them too.</summary>
    /// <param name="samples">Indices of samples, at least one; sample i of the result is the i-th of them.</param>
    /// <param name="seed">With epoch and index the only thing that decides what is drawn.</param>
    IViewSource Augmented(IReadOnlyList<int> samples, long seed);
}
