namespace ByolSharp.Images.Caching;

/// <summary>
/// Keeps decoded images in memory until a limit is reached; the rest is decoded at each reading. Decoding once and keeping 8 bits a
/// value is far cheaper than decoding in every epoch. Sets that are in memory anyway are passed through.
/// </summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
/// <param name="maxBytes">The most bytes of pixels to keep; 0 keeps nothing.</param>
public sealed class CachedImages(ImageDataset inner, long maxBytes) : WrappedImages(inner)
{
    private readonly Image?[] _kept = inner.IsInMemory ? [] : new Image?[inner.Count];
    private long _keptBytes;

    /// <summary>Bytes of pixels kept now, at most the limit.</summary>
    public long KeptBytes => Interlocked.Read(ref _keptBytes);

    /// <inheritdoc />
    public override Image Read(int index)
    {
        if (IsInMemory)
        {
            return Inner.Read(index);
        }

        return Volatile.Read(ref _kept[index]) ?? Keep(index, Inner.Read(index));
    }

    private Image Keep(int index, Image image)
    {
        if (!TryReserve(image.SizeInBytes))
        {
            return image;
        }

        if (Interlocked.CompareExchange(ref _kept[index], image, null) is { } first)
        {
            Interlocked.Add(ref _keptBytes, -image.SizeInBytes);
            return first;
        }

        return image;
    }

    /// <summary>Books the bytes before they are kept, so that the limit holds at every moment.</summary>
    private bool TryReserve(long bytes)
    {
        for (long before = KeptBytes; before + bytes <= maxBytes;)
        {
            long found = Interlocked.CompareExchange(ref _keptBytes, before + bytes, before);
            if (found == before)
            {
                return true;
            }

            before = found;
        }

        return false;
    }
}
