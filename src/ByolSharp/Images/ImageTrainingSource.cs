using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Labelled images to train a classifier on.</summary>
public sealed class ImageTrainingSource : ITrainingSource
{
    private readonly ImageDataset _data;
    private readonly ImageEvalSource _plain;
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
    {
        _data = data;
        _plain = new(data, new EvalTransform(views, imageSize, channels));
        _augmentation = new(views.T, views, imageSize, channels);
    }

    /// <summary>Images that could not be read when views were drawn; others of their class, from the same part of the data, stood in.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <inheritdoc />
    public int Count => _plain.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape => _plain.ViewShape;

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => _plain.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => _plain.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => _plain.LabelOf(index);

    /// <inheritdoc />
    public void Render(int index, Span<float> view) => _plain.Render(index, view);

    /// <inheritdoc />
    public IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
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
