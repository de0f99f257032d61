using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>What changes in whole videos, as strips of grey: searching for what moved costs far more than all the rest of a view, and no view changes it.</summary>
/// <param name="films">Whole videos, their frames one below the other; not disposed.</param>
/// <param name="videos">The same videos; not disposed.</param>
/// <param name="stride">Each frame is compared with the one this many after it, those at the end with the last one.</param>
/// <param name="reach">Pixels within which what has merely moved has not changed.</param>
internal sealed class ChangeStrips(ImageDataset films, VideoDataset videos, int stride, int reach) : ImageDataset
{
    public override int Count => films.Count;

    public override string NameOf(int index) => films.NameOf(index);

    public override int LabelOf(int index) => films.LabelOf(index);

    public override Image Read(int index)
    {
        int count = videos.FactsOf(index).FrameCount;
        var frames = FilmStrips.Cut(ImageChannels.Convert(films.Read(index), 1), count, new(0, 1, count));
        return FilmStrips.Join([.. frames.Select((frame, i) => TemporalDifference.Between(frame, frames[Math.Min(i + stride, count - 1)], reach))]);
    }

    /// <summary>The changes of a clip, of which the last frame repeats the one before.</summary>
    internal static Image[] Cut(Image strip, int frameCount, FrameRange range)
    {
        var changes = FilmStrips.Cut(strip, frameCount, range with { Count = range.Count - 1 });
        return [.. changes, changes[^1]];
    }
}
