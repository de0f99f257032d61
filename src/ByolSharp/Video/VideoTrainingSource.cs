using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Video;

/// <summary>Labelled videos to train a classifier on.</summary>
public sealed class VideoTrainingSource : TrainingSource
{
    private const int Channels = 3;
    private readonly VideoDataset _data;
    private readonly ImageAugmentation _augmentation;
    private readonly VideoOptions _options;

    /// <summary>Joins labelled videos with their augmentation.</summary>
    /// <param name="data">The videos; not disposed.</param>
    /// <param name="views">The distribution T of the augmented views, with mean and standard deviation; T' is not used.</param>
    /// <param name="options">Length of a clip, number of clips and crops of the views without chance.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public VideoTrainingSource(VideoDataset data, ImageViewOptions views, VideoOptions options, int imageSize)
        : base(new VideoEvalSource(data, new(views, imageSize, Channels, EvalCrop.ShortSide), options))
    {
        options.Validate();
        (_data, _options) = (data, options with { DifferenceProbability = options.EvalDifference ? 1 : 0 });
        _augmentation = new(views.T, views, imageSize, Channels);
    }

    /// <inheritdoc />
    public override IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
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
