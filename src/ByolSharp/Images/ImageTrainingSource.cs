using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Labelled images to train a classifier on.</summary>
public sealed class ImageTrainingSource : TrainingSource
{
    private readonly ImageDataset _data;
    private readonly ImageAugmentation _augmentation;

    /// <summary>Joins labelled images with their augmentation.</summary>
    /// <param name="data">The images; not disposed.</param>
    /// <param name="views">
    /// The distribution T of the augmented views, in the paper <see cref="AugmentationOptions.CropAndFlip"/> (appendices C and D), with mean and
    /// standard deviation; T' is not used.
    /// </param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <param name="channels">Channels of all views.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public ImageTrainingSource(ImageDataset data, ImageViewOptions views, int imageSize, int channels)
        : base(new ImageEvalSource(data, new(views, imageSize, channels)))
    {
        _data = data;
        _augmentation = new(views.T, views, imageSize, channels);
    }

    /// <inheritdoc />
    public override IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
        new AugmentedViews(new(new ImageSubset(_data, samples), _augmentation.Channels, Quarantine), _augmentation, seed);

    private sealed class AugmentedViews(ReadableImages images, ImageAugmentation augmentation, long seed) : IViewSource
    {
        public int Count => images.Count;

        public int ViewCount => 1;

        public IReadOnlyList<long> ViewShape { get; } = [augmentation.Channels, augmentation.ImageSize, augmentation.ImageSize];

        public int LabelOf(int index) => images.LabelOf(index);

        public void Draw(long epoch, int index, ViewSpans views)
        {
            var random = new SampleRandom(seed, epoch, index);
            augmentation.Apply(images.Read(index), ref random, views[0]);
        }
    }
}
