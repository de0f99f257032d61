namespace ByolSharp.Images;

/// <summary>How image data is opened; see <see cref="ImageSources.Open"/>.</summary>
public sealed record ImageSourceOptions
{
    /// <summary>
    /// The most pixels that one image may declare, against decompression bombs; larger ones count as unreadable. In pixels, from 1;
    /// default 178,956,970 (512 MiB of RGB).
    /// </summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>
    /// Decodes a JPEG at the smallest of 1/8, 1/4, 1/2 and its full size whose short side is at least this, in pixels, from 0; see
    /// <see cref="ImageDecoder.ShortSide"/>. Default 0: at its full size, as the paper has it.
    /// </summary>
    public int DecodeShortSide { get; init; }

    /// <summary>
    /// Class names in the order of their labels, so that a test set gets the labels of its training set. A class of the data that
    /// is not listed is an error. Default null: the names that the data itself shows.
    /// </summary>
    public IReadOnlyList<string>? ClassNames { get; init; }
}
