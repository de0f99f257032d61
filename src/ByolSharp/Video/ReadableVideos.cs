using System.Collections.Concurrent;
using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Video;

/// <summary>A data set whose every video can be read: for an unreadable one the next readable one of its label stands in (<see cref="StandIns"/>).</summary>
/// <param name="inner">The data set, which is disposed with this one.</param>
/// <param name="quarantine">Where unreadable videos are noted.</param>
public sealed class ReadableVideos(VideoDataset inner, Quarantine quarantine) : WrappedVideos(inner)
{
    private readonly StandIns _standIns = new(inner, quarantine);
    private readonly ConcurrentDictionary<int, int> _usable = new();

    /// <summary>Unreadable videos met so far.</summary>
    public Quarantine Quarantine => quarantine;

    /// <inheritdoc />
    /// <exception cref="UnusableDataException">No video of the data set can be read.</exception>
    public override VideoFacts FactsOf(int index) => Inner.FactsOf(Usable(index));

    /// <inheritdoc />
    public override Image[] Read(int index, FrameRange range) => Inner.Read(Usable(index), range);

    internal override Image[] ReadChanges(int index, FrameRange range, int reach) => Inner.ReadChanges(Usable(index), range, reach);

    /// <summary>
    /// The video itself or the one that stands in for it. A video is usable where its first frame decodes, so that what is drawn of it later never
    /// decides.
    /// </summary>
    private int Usable(int index) => _usable.GetOrAdd(index, i => _standIns.Read(i, Check, "videos").Index);

    private Checked Check(int index)
    {
        Inner.Read(index, new(0, 1, 1));
        return new(index);
    }

    private sealed record Checked(int Index);
}
