using System.Collections.Concurrent;
using ByolSharp.Images;
using ByolSharp.Images.Caching;

namespace ByolSharp.Video;

/// <summary>
/// Decodes short videos as a whole and keeps their frames in memory, and in a cache folder where there is one; of long ones only the clip that is
/// wanted is decoded, each time.
/// </summary>
public sealed class CachedVideos : WrappedVideos
{
    /// <summary>The largest video that is kept, in bytes of frames: 10 seconds of 30 frames of 256 x 341 pixels have 79 million.</summary>
    internal const long LargestKept = 80_000_000;

    private const int Channels = 3;
    private readonly CachedImages _strips;
    private readonly ConcurrentDictionary<(int Stride, int Reach), CachedImages> _changes = new();
    private readonly MemoryBudget _budget;
    private readonly long _largest;
    private readonly int _shortSide;

    /// <summary>Puts a cache before a data set, which is disposed with this one.</summary>
    /// <param name="inner">The data set, whose frames have their full size.</param>
    /// <param name="maxBytes">The most bytes of frames to keep in memory; 0 keeps none.</param>
    public CachedVideos(VideoDataset inner, long maxBytes) : this(inner, shortSide: 0, maxBytes, folder: null) { }

    /// <summary>Puts a cache before a data set, which is disposed with this one.</summary>
    /// <param name="inner">The data set.</param>
    /// <param name="shortSide">Short side that its decoder reduces frames to, or 0.</param>
    /// <param name="maxBytes">The most bytes of frames to keep in memory; 0 keeps none.</param>
    /// <param name="folder">Keeps frames on disk, or null.</param>
    internal CachedVideos(VideoDataset inner, int shortSide, long maxBytes, ImageCacheFolder? folder) : base(inner)
    {
        ImageDataset strips = new FilmStrips(inner);
        _budget = new(maxBytes);
        _strips = new(folder is null ? strips : new PackedImages(strips, folder), _budget);
        _largest = folder is null ? Math.Min(LargestKept, maxBytes) : LargestKept;
        _shortSide = shortSide;
    }

    /// <inheritdoc />
    public override string? IdentityOf(int index) => Inner.IdentityOf(index);

    internal override UInt128? ContentHashOf(int index) => Inner.ContentHashOf(index);

    /// <inheritdoc />
    public override VideoFacts FactsOf(int index) => Inner.FactsOf(index);

    /// <inheritdoc />
    public override Image[] Read(int index, FrameRange range)
    {
        var facts = Inner.FactsOf(index);
        return IsKept(facts) ? FilmStrips.Cut(_strips.Read(index), facts.FrameCount, range) : Inner.Read(index, range);
    }

    internal override Image[] ReadChanges(int index, FrameRange range, int reach)
    {
        var facts = Inner.FactsOf(index);
        return reach > 0 && IsKept(facts) && ChangesBy(range.Stride, reach) is var changes && changes.Keeps(index, BytesOf(facts) / Channels)
            ? ChangeStrips.Cut(changes.Read(index), facts.FrameCount, range)
            : base.ReadChanges(index, range, reach); // of this clip alone; a plain difference costs less than the memory that would keep it
    }

    private CachedImages ChangesBy(int stride, int reach) =>
        _changes.GetOrAdd((stride, reach), key => new(new ChangeStrips(_strips, Inner, key.Stride, key.Reach), _budget));

    private bool IsKept(VideoFacts facts) => BytesOf(facts) <= _largest;

    private long BytesOf(VideoFacts facts)
    {
        double reduced = _shortSide == 0 ? 1 : Math.Min(1, (double)_shortSide / Math.Min(facts.Width, facts.Height));
        return (long)(facts.FrameCount * Channels * reduced * facts.Width * reduced * facts.Height);
    }
}
