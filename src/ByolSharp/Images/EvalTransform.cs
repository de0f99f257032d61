namespace ByolSharp.Images;

/// <summary>How an image of another size is brought to the size of evaluation.</summary>
public enum EvalCrop
{
    /// <summary>
    /// As in the paper (appendix C.1): the short side is resized to size * 256 / 224, rounded, bicubic and antialiased, and the middle
    /// is cut out.
    /// </summary>
    ResizeThenCrop,

    /// <summary>The short side is resized to the size, bicubic and antialiased, and a square is cut out of the long one: the crops of video recognition.</summary>
    ShortSide,

    /// <summary>As in DeepMind's code: a centre crop of 224 / 256 of the short side is resized, bicubic without antialiasing.</summary>
    CropThenResize,
}

/// <summary>The view without chance that evaluation, embedding and serving use. Immutable; may be used from several threads at once.</summary>
public sealed class EvalTransform
{
    private readonly ViewNormalisation _normalisation;
    private readonly EvalCrop _crop;

    /// <summary>Prepares views of one size and channel count.</summary>
    /// <param name="views">Mean and standard deviation; the rest is not used.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <param name="channels">Channels of every image and view.</param>
    /// <param name="crop">How images of another size are cropped; an image of this size is never resampled, only normalised.</param>
    /// <exception cref="ConfigurationException">Mean or standard deviation do not fit.</exception>
    public EvalTransform(ImageViewOptions views, int imageSize, int channels, EvalCrop crop = EvalCrop.ResizeThenCrop)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        views.Validate(channels);
        (ImageSize, Channels, _crop) = (imageSize, channels, crop);
        _normalisation = new(views.MeanFor(channels), views.StdFor(channels));
    }

    /// <summary>Width and height of a view in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Channels of a view.</summary>
    public int Channels { get; }

    /// <summary>Values of a view: channels * size * size.</summary>
    public int ViewLength => Channels * ImageSize * ImageSize;

    /// <summary>Writes the [channels, size, size] normalised view of an image.</summary>
    /// <param name="image">The image.</param>
    /// <param name="view">Where to.</param>
    /// <param name="place">With <see cref="EvalCrop.ShortSide"/> where along the long side the square lies, 0 (left, top) to 1; default: the middle.</param>
    /// <exception cref="UnreadableSampleException">The image has another number of channels.</exception>
    public void Apply(Image image, Span<float> view, double place = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(view.Length, ViewLength);
        ViewNormalisation.CheckChannels(image, Channels);
        var scratch = AugmentationScratch.OfThisThread;
        int shortSide = Math.Min(image.Width, image.Height);
        double gain = CropResize.GainOf(image.Format);
        bool isWhole = image.Width == ImageSize && image.Height == ImageSize;
        if (isWhole || _crop == EvalCrop.ResizeThenCrop)
        {
            scratch.Columns.BuildMiddle(image.Width, shortSide, ImageSize, isWhole);
            scratch.Rows.BuildMiddle(image.Height, shortSide, ImageSize, isWhole, gain);
        }
        else if (_crop == EvalCrop.ShortSide)
        {
            scratch.Columns.BuildCut(image.Width, shortSide, ImageSize, ImageSize, place);
            scratch.Rows.BuildCut(image.Height, shortSide, ImageSize, ImageSize, place, gain);
        }
        else
        {
            ResizeMiddle(scratch.Columns, image.Width, shortSide, gain: 1);
            ResizeMiddle(scratch.Rows, image.Height, shortSide, gain);
        }

        CropResize.Run(image, scratch.Columns, scratch.Rows, scratch, view);
        _normalisation.Apply(view);
    }

    private void ResizeMiddle(AxisWeights axis, int length, int shortSide, double gain)
    {
        int cropped = Math.Max(1, (int)(AxisWeights.CropShare * shortSide));
        int from = (length - cropped + 1) / 2;
        axis.Build(from, cropped, ImageSize, 0, ImageSize, Interpolation.Bicubic, antialias: false, gain: gain);
    }
}
