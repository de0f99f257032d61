using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>
/// Videos as images of a few frames spread over their length, one below the other: what looks through images finds unreadable and repeated videos
/// with them, without decoding whole films.
/// </summary>
/// <param name="videos">The data set, which is disposed with this one.</param>
internal sealed class VideoMoments(VideoDataset videos) : ImageDataset
{
    private const int Moments = 4, DecodedWhole = 512;

    public override int Count => videos.Count;

    public override IReadOnlyList<string> ClassNames => videos.ClassNames;

    public override string NameOf(int index) => videos.NameOf(index);

    public override int LabelOf(int index) => videos.LabelOf(index);

    public override Image Read(int index)
    {
        int count = videos.FactsOf(index).FrameCount, distance = Math.Max(1, count / Moments);
        var frames = count <= DecodedWhole
            ? videos.Read(index, new(0, distance, Moments))
            : [.. Enumerable.Range(0, Moments).Select(i => videos.Read(index, new(i * distance, 1, 1))[0])];
        return FilmStrips.Join(frames);
    }

    protected override void Dispose(bool disposing) => videos.Dispose();
}
