namespace ByolSharp.Images;

/// <summary>Two views of each image of a data set, from the distributions T and T' of the paper.</summary>
public sealed class ImageViewSource : IViewSource
{
    private readonly ImageDataset _data;
    private readonly ImageAugmentation _t, _tPrime;
    private readonly long _seed;

    /// <summary>Joins a data set with its augmentations.</summary>
    /// <param name="data">The images; all must have the same number of channels. Not disposed.</param>
    /// <param name="views">Both distributions.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <param name="seed">With epoch, index and view the only thing that decides what is drawn.</param>
    /// <param name="channels">Channels of the images; null takes those of the first readable image.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="UnusableDataException">No image can be read and <paramref name="channels"/> is null.</exception>
    public ImageViewSource(ImageDataset data, ImageViewOptions views, int imageSize, long seed, int? channels = null)
    {
        views.Validate();
        int count = channels ?? ChannelsOf(data);
        (_data, _seed) = (data, seed);
        _t = new(views.T, views, imageSize, count);
        _tPrime = new(views.TPrime, views, imageSize, count);
        ViewShape = [count, imageSize, imageSize];
        SwitchedOff = [.. _t.SwitchedOff.Union(_tPrime.SwitchedOff)];
    }

    /// <inheritdoc />
    public int Count => _data.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; }

    /// <summary>Makes the first views.</summary>
    internal ImageAugmentation T => _t;

    /// <summary>Makes the second views.</summary>
    internal ImageAugmentation TPrime => _tPrime;

    /// <summary>Colour operations that are left out because the images do not have three channels; see <see cref="ImageAugmentation.SwitchedOff"/>.</summary>
    public IReadOnlyList<string> SwitchedOff { get; }

    /// <summary>The number of channels of the first image that can be read.</summary>
    /// <exception cref="UnusableDataException">No image can be read.</exception>
    public static int ChannelsOf(ImageDataset data)
    {
        for (int i = 0; i < data.Count; i++)
        {
            try
            {
                return data.Read(i).Channels;
            }
            catch (UnreadableSampleException)
            {
                // The loader counts and reports it when it comes to this sample.
            }
        }

        throw new UnusableDataException(data.Count == 0
            ? "the data set is empty: give a folder or file that holds images"
            : $"none of the {data.Count} images can be read: check that the files are images");
    }

    /// <inheritdoc />
    public int LabelOf(int index) => _data.LabelOf(index);

    /// <inheritdoc />
    /// <exception cref="UnreadableSampleException">The image cannot be decoded or has another number of channels.</exception>
    public void Draw(long epoch, int index, ViewSpans views)
    {
        var image = _data.Read(index);
        var random = RandomOf(epoch, index, view: 0);
        _t.Apply(image, ref random, views[0]);
        random = RandomOf(epoch, index, view: 1);
        _tPrime.Apply(image, ref random, views[1]);
    }

    /// <summary>The image of a sample.</summary>
    internal Image Read(int index) => _data.Read(index);

    /// <summary>What decides over one view of a sample.</summary>
    internal SampleRandom RandomOf(long epoch, int index, int view) => new(_seed, epoch, index, view);
}
