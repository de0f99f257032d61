namespace ByolSharp.Images.Caching;

/// <summary>
/// Keeps decoded images in memory until a limit is reached; the rest is decoded at each reading. Decoding once and keeping 8 bits a
/// value is far cheaper than decoding in every epoch. Sets that are in memory anyway are passed through.
/// </summary>
public sealed class CachedImages : WrappedImages
{
    private readonly Image?[] _kept;
    private readonly MemoryBudget _budget;

    /// <summary>Puts a cache before a data set.</summary>
    /// <param name="inner">The data set, which is disposed with this one.</param>
    /// <param name="maxBytes">The most bytes of pixels to keep; 0 keeps nothing.</param>
    public CachedImages(ImageDataset inner, long maxBytes) : this(inner, new MemoryBudget(maxBytes)) { }

    /// <summary>Puts a cache before a data set.</summary>
    /// <param name="inner">The data set, which is disposed with this one.</param>
    /// <param name="budget">The memory, which several caches may share.</param>
    internal CachedImages(ImageDataset inner, MemoryBudget budget) : base(inner) =>
        (_kept, _budget) = (inner.IsInMemory ? [] : new Image?[inner.Count], budget);

    /// <summary>Bytes of pixels kept now, at most the limit.</summary>
    public long KeptBytes => _budget.Used;

    /// <inheritdoc />
    public override Image Read(int index)
    {
        if (IsInMemory)
        {
            return Inner.Read(index);
        }

        return Volatile.Read(ref _kept[index]) ?? Keep(index, Inner.Read(index));
    }

    /// <summary>Whether an image is kept, or would be if it were read now and had so many bytes.</summary>
    internal bool Keeps(int index, long bytes) => IsInMemory || Volatile.Read(ref _kept[index]) is not null || _budget.Fits(bytes);

    private Image Keep(int index, Image image)
    {
        if (!_budget.TryReserve(image.SizeInBytes))
        {
            return image;
        }

        if (Interlocked.CompareExchange(ref _kept[index], image, null) is { } first)
        {
            _budget.Release(image.SizeInBytes);
            return first;
        }

        return image;
    }
}
