namespace ByolSharp.Images;

/// <summary>A data set that reads another one in its own way: names, labels and their number are those of the other.</summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
public abstract class WrappedImages(ImageDataset inner) : ImageDataset
{
    /// <inheritdoc />
    public sealed override int Count => inner.Count;

    /// <inheritdoc />
    public sealed override IReadOnlyList<string> ClassNames => inner.ClassNames;

    /// <inheritdoc />
    public sealed override bool IsInMemory => inner.IsInMemory;

    /// <summary>The data set that is read.</summary>
    protected ImageDataset Inner => inner;

    /// <inheritdoc />
    public sealed override string NameOf(int index) => inner.NameOf(index);

    /// <inheritdoc />
    public sealed override int LabelOf(int index) => inner.LabelOf(index);

    /// <inheritdoc />
    protected sealed override void Dispose(bool disposing) => inner.Dispose();
}
