using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Video;

/// <summary>Videos by index, with names and, where known, labels. All members may be called from several threads at once.</summary>
public abstract class VideoDataset : Dataset
{
    /// <summary>How many frames a video has, and how fast they follow.</summary>
    /// <exception cref="UnreadableSampleException">The sample is empty, broken or no video.</exception>
    public abstract VideoFacts FactsOf(int index);

    /// <summary>Decodes some frames of a video, RGB, all of one size; those behind its end repeat its last one.</summary>
    /// <exception cref="UnreadableSampleException">No frame of it can be decoded.</exception>
    public abstract Image[] Read(int index, FrameRange range);

    /// <summary>What changes in some frames of a video, as <see cref="TemporalDifference.Apply"/> has it; a data set that keeps frames keeps this as well.</summary>
    /// <param name="index">The video.</param>
    /// <param name="range">Two frames or more.</param>
    /// <param name="reach">Pixels within which what has merely moved has not changed.</param>
    /// <returns>As many frames of grey.</returns>
    /// <exception cref="UnreadableSampleException">No frame of it can be decoded.</exception>
    internal virtual Image[] ReadChanges(int index, FrameRange range, int reach) => TemporalDifference.Apply(Read(index, range), reach);
}

/// <summary>A data set that reads another one in its own way: names, labels and their number are those of the other.</summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
public abstract class WrappedVideos(VideoDataset inner) : VideoDataset
{
    /// <inheritdoc />
    public sealed override int Count => inner.Count;

    /// <inheritdoc />
    public sealed override IReadOnlyList<string> ClassNames => inner.ClassNames;

    /// <summary>The data set that is read.</summary>
    protected VideoDataset Inner => inner;

    /// <inheritdoc />
    public sealed override string NameOf(int index) => inner.NameOf(index);

    /// <inheritdoc />
    public sealed override int LabelOf(int index) => inner.LabelOf(index);

    /// <inheritdoc />
    protected sealed override void Dispose(bool disposing) => inner.Dispose();
}
