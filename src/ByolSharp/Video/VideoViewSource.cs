using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Views of the clips of videos: the first from the distribution T, all others from T'.</summary>
public sealed class VideoViewSource : IViewSource
{
    private const int Channels = 3;
    private readonly VideoDataset _data;
    private readonly ClipAugmentation _t, _tPrime;
    private readonly long _seed;

    /// <summary>Joins videos with their augmentations.</summary>
    /// <param name="data">The videos; not disposed.</param>
    /// <param name="views">Both distributions.</param>
    /// <param name="options">Length, distance and number of clips.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <param name="seed">With epoch, index and view the only thing that decides what is drawn.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public VideoViewSource(VideoDataset data, ImageViewOptions views, VideoOptions options, int imageSize, long seed)
    {
        options.Validate();
        (_data, _seed) = (data, seed);
        _t = new(new(views.T, views, imageSize, Channels), options);
        _tPrime = new(new(views.TPrime, views, imageSize, Channels), options);
        ViewShape = [Channels, options.Frames, imageSize, imageSize];
        ViewCount = options.Clips;
    }

    /// <inheritdoc />
    public int Count => _data.Count;

    /// <inheritdoc />
    public int ViewCount { get; }

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; }

    /// <inheritdoc />
    public int LabelOf(int index) => _data.LabelOf(index);

    /// <inheritdoc />
    public void Draw(long epoch, int index, ViewSpans views)
    {
        for (int view = 0; view < views.Count; view++)
        {
            var random = new SampleRandom(_seed, epoch, index, view);
            (view == 0 ? _t : _tPrime).Apply(_data, index, ref random, views[view]);
        }
    }
}
