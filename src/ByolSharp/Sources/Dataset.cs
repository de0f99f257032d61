namespace ByolSharp.Sources;

/// <summary>Samples by index, with names and, where known, labels. All members may be called from several threads at once.</summary>
public abstract class Dataset : IDisposable
{
    /// <summary>What <see cref="LabelOf"/> gives for a sample without a label.</summary>
    public const int NoLabel = -1;

    /// <summary>Number of samples.</summary>
    public abstract int Count { get; }

    /// <summary>Class names in the order of the labels; empty where there are no labels.</summary>
    public virtual IReadOnlyList<string> ClassNames => [];

    /// <summary>A name that is unique in the data set, such as the path below its folder.</summary>
    public abstract string NameOf(int index);

    /// <summary>The label of a sample, an index into <see cref="ClassNames"/>, or <see cref="NoLabel"/>.</summary>
    public virtual int LabelOf(int index) => NoLabel;

    /// <summary>
    /// What decides the pixels of a sample: equal texts promise equal pixels, now and in any later run, so that a cache on disk may serve
    /// them. Null, as by default, where nothing is known that does; the sample is then never cached on disk.
    /// </summary>
    public virtual string? IdentityOf(int index) => null;

    /// <summary>Hash of a sample's stored bytes, which stays where a file is moved or touched; null, as by default, where samples are no files.</summary>
    /// <exception cref="UnreadableSampleException">They cannot be read.</exception>
    internal virtual UInt128? ContentHashOf(int index) => null;

    /// <summary>Fails where the labels are not enough for an evaluation.</summary>
    /// <param name="path">Where the data are, for the message.</param>
    /// <exception cref="UnusableDataException">There are fewer than two classes.</exception>
    internal void RequireClasses(string path)
    {
        if (ClassNames.Count < 2)
        {
            throw new UnusableDataException(
                $"{path} has {ClassNames.Count} classes; evaluation needs labels, for example one sub-folder a class, and at least two classes.");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the data set holds open.</summary>
    protected virtual void Dispose(bool disposing) { }
}
