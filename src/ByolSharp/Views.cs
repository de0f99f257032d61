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
