namespace ByolSharp.Images.Caching;

/// <summary>
/// Reads images from a cache folder where it has them; decodes and adds the others. Samples that nothing identifies and data that are in
/// memory anyway pass it by, and unreadable ones are tried anew each time.
/// </summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
/// <param name="cache">Where decoded images are kept; not disposed.</param>
internal sealed class PackedImages(ImageDataset inner, ImageCacheFolder cache) : WrappedImages(inner)
{
    /// <inheritdoc />
    public override Image Read(int index)
    {
        if (IsInMemory || Inner.IdentityOf(index) is not { } identity)
        {
            return Inner.Read(index);
        }

        UInt128 key = ImageCacheFolder.KeyOf(identity);
        if (cache.TryRead(key) is { } kept)
        {
            return kept;
        }

        Image image = Inner.Read(index);
        cache.Add(key, image);
        return image;
    }
}
