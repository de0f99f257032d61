using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Video;

/// <summary>Labelled videos to train a classifier on.</summary>
public sealed class VideoTrainingSource : ITrainingSource
{
    private const int Channels = 3;
    private readonly VideoDataset _data;
    private readonly VideoEvalSource _plain;
    private readonly ImageAugmentation _augmentation;
    private readonly VideoOptions _options;

    /// <summary>Joins labelled videos with their augmentation.</summary>
    /// <param name="data">The videos; not disposed.</param>
    /// <param name="views">The distribution T of the augmented views, with mean and standard deviation; T' is not used.</param>
    /// <param name="options">Length of a clip, number of clips and crops of the views without chance.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public VideoTrainingSource(VideoDataset data, ImageViewOptions views, VideoOptions options, int imageSize)
    {
        options.Validate();
        (_data, _options) = (data, options with { DifferenceProbability = options.EvalDifference ? 1 : 0 });
        _plain = new(data, new(views, imageSize, Channels, EvalCrop.ShortSide), options);
        _augmentation = new(views.T, views, imageSize, Channels);
    }

    /// <summary>Videos that could not be read when views were drawn; others of their class, from the same part of the data, stood in.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <inheritdoc />
    public int Count => _plain.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape => _plain.ViewShape;

    /// <inheritdoc />
    public int ViewCount => _plain.ViewCount;

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => _plain.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => _plain.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => _plain.LabelOf(index);

    /// <inheritdoc />
    public void Render(int index, Span<float> views) => _plain.Render(index, views);

    /// <inheritdoc />
    public IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
        new AugmentedClips(new(new VideoSubset(_data, samples), Quarantine), new(_augmentation, _options), ViewShape, seed);

    private sealed class AugmentedClips(ReadableVideos videos, ClipAugmentation augmentation, IReadOnlyList<long> viewShape, long seed) : IViewSource
    {
        public int Count => videos.Count;

        public int ViewCount => 1;

        public IReadOnlyList<long> ViewShape => viewShape;

        public int LabelOf(int index) => videos.LabelOf(index);

        public void Draw(long epoch, int index, ViewSpans views)
        {
            var random = new SampleRandom(seed, epoch, index);
            augmentation.Apply(videos, index, ref random, views[0]);
        }
    }
}
