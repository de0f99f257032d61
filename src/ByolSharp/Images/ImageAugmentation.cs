using System.Numerics;

namespace ByolSharp.Images;

/// <summary>
/// One augmentation distribution made ready for views of one size and channel count: random resized crop, flip, colour jitter,
/// grayscale, blur, solarize, normalise, in this order (paper, appendix B). Immutable; may be used from several threads at once.
/// </summary>
public sealed class ImageAugmentation
{
    private const int JitterOrders = 24;
    private static readonly byte[][] _jitterOrders = PermutationsOfFour();

    private readonly AugmentationOptions _options;
    private readonly AugmentationFlavour _flavour;
    private readonly Interpolation _interpolation;
    private readonly ViewNormalisation _normalisation;
    private readonly int _blurRadius;
    private readonly ImageAugmentation? _ofOneChannel;

    /// <summary>Validates the options and prepares what all views share.</summary>
    /// <param name="augmentation">The distribution, such as <c>views.T</c>.</param>
    /// <param name="views">Flavour, interpolation and normalisation.</param>
    /// <param name="imageSize">Width and height of a view in pixels.</param>
    /// <param name="channels">Channels of every image and view.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    public ImageAugmentation(AugmentationOptions augmentation, ImageViewOptions views, int imageSize, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(imageSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        views.Validate(channels);
        augmentation.Validate("augmentation");
        (_options, _flavour, _interpolation) = (augmentation, views.Flavour, views.Interpolation);
        (ImageSize, Channels) = (imageSize, channels);
        _blurRadius = augmentation.BlurRadius(imageSize);
        _normalisation = new(views.MeanFor(channels), views.StdFor(channels));
        _ofOneChannel = channels == 3 ? new(augmentation, views with { Mean = null, Std = null }, imageSize, 1) : null;
        SwitchedOff = channels == 3 ? [] : [.. ColorOnly(augmentation)];
    }

    /// <summary>The jitter operations by their numbers in <see cref="Orders"/>: those on colours need three channels and a strength.</summary>
    internal bool Has(int operation) => operation < 2 || (Channels == 3 && (operation == 2 ? _options.Saturation : _options.Hue) > 0);

    /// <summary>The orders that <see cref="DrawnAugmentation.JitterOrder"/> counts, of 0 brightness, 1 contrast, 2 saturation, 3 hue.</summary>
    internal static ReadOnlySpan<byte[]> Orders => _jitterOrders;

    /// <summary>The distribution's options.</summary>
    internal AugmentationOptions Options => _options;

    /// <summary>Meaning of crop, jitter and blur.</summary>
    internal AugmentationFlavour Flavour => _flavour;

    /// <summary>The last step of every view.</summary>
    internal ViewNormalisation Normalisation => _normalisation;

    /// <summary>Taps to each side of the middle of the blur; 0: no blur.</summary>
    internal int BlurRadius => _blurRadius;

    /// <summary>Width and height of a view in pixels.</summary>
    public int ImageSize { get; }

    /// <summary>Channels of a view.</summary>
    public int Channels { get; }

    /// <summary>Values of a view: channels * size * size.</summary>
    public int ViewLength => Channels * ImageSize * ImageSize;

    /// <summary>
    /// The operations that the options ask for and that need red, green and blue, where the images have another number of channels:
    /// they are left out. Empty for three channels.
    /// </summary>
    public IReadOnlyList<string> SwitchedOff { get; }

    /// <summary>Draws every decision for one view of an image of this size; nothing but <paramref name="random"/> changes.</summary>
    /// <remarks>All values are drawn whether used or not: changing one probability leaves the other draws as they were.</remarks>
    public DrawnAugmentation Draw(ref SampleRandom random, int width, int height)
    {
        bool official = _flavour == AugmentationFlavour.Official;
        var crop = official
            ? Crop.DrawOnce(_options, ref random, width, height)
            : Crop.DrawTenTimes(_options, ref random, width, height);
        return new()
        {
            CropX = crop.X,
            CropY = crop.Y,
            CropWidth = crop.Width,
            CropHeight = crop.Height,
            CropArea = crop.Area,
            CropAspect = crop.Aspect,
            Flip = random.NextBool(_options.FlipProbability),
            Jitter = random.NextBool(_options.JitterProbability),
            Brightness = (float)((official ? 0 : 1) + random.NextDouble(-_options.Brightness, _options.Brightness)),
            Contrast = (float)(1 + random.NextDouble(-_options.Contrast, _options.Contrast)),
            Saturation = (float)(1 + random.NextDouble(-_options.Saturation, _options.Saturation)),
            Hue = (float)random.NextDouble(-_options.Hue, _options.Hue),
            JitterOrder = random.NextInt(JitterOrders),
            Grayscale = random.NextBool(_options.GrayscaleProbability),
            Blur = random.NextBool(_options.BlurProbability),
            BlurSigma = (float)random.NextDouble(_options.BlurSigmaMin, _options.BlurSigmaMax),
            Solarize = random.NextBool(_options.SolarizeProbability),
        };
    }

    /// <summary>Draws and applies: one random view of an image.</summary>
    /// <param name="image">An image of <see cref="Channels"/> channels, of any size and format.</param>
    /// <param name="random">The stream that decides.</param>
    /// <param name="view">[channels, size, size] normalised values.</param>
    /// <exception cref="UnreadableSampleException">The image has another number of channels.</exception>
    public void Apply(Image image, ref SampleRandom random, Span<float> view) =>
        Apply(image, Draw(ref random, image.Width, image.Height), view);

    /// <summary>Makes the view that was drawn.</summary>
    /// <param name="image">An image of <see cref="Channels"/> channels and of the size that was drawn for.</param>
    /// <param name="drawn">The decisions.</param>
    /// <param name="view">[channels, size, size] normalised values.</param>
    /// <exception cref="UnreadableSampleException">The image has another number of channels.</exception>
    public void Apply(Image image, in DrawnAugmentation drawn, Span<float> view)
    {
        Augment(image, drawn, view);
        _normalisation.Apply(view);
    }

    /// <summary>
    /// As <see cref="Apply(Image, in DrawnAugmentation, Span{float})"/>, for a grey image that the three channels of a view show alike: all but normalisation is done once.
    /// </summary>
    internal void ApplyGrey(Image grey, in DrawnAugmentation drawn, Span<float> view)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(view.Length, ViewLength);
        var first = view[..(ImageSize * ImageSize)];
        _ofOneChannel!.Augment(grey, drawn, first);
        for (int from = first.Length; from < view.Length; from += first.Length)
        {
            first.CopyTo(view[from..]);
        }
        _normalisation.Apply(view);
    }

    private void Augment(Image image, in DrawnAugmentation drawn, Span<float> view)
    {
        var scratch = AugmentationScratch.OfThisThread;
        ResizeCrop(image, drawn, scratch, view);
        if (drawn.Jitter)
        {
            Jitter(drawn, view);
        }

        if (drawn.Grayscale && Channels == 3)
        {
            ColorOperations.Grayscale(view, ImageSize * ImageSize);
        }

        if (drawn.Blur && _blurRadius > 0)
        {
            Blur(drawn.BlurSigma, scratch, view);
        }

        if (drawn.Solarize)
        {
            PlaneLoops.Run(view, new Solarization((float)_options.SolarizeThreshold));
        }
    }

    /// <summary>The first part of <see cref="Apply(Image, in DrawnAugmentation, Span{float})"/>: the crop, resized and flipped, values in [0, 1].</summary>
    internal void ResizeCrop(Image image, in DrawnAugmentation drawn, AugmentationScratch scratch, Span<float> view)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(view.Length, ViewLength);
        ViewNormalisation.CheckChannels(image, Channels);
        bool antialias = _flavour == AugmentationFlavour.Torchvision;
        scratch.Columns.Build(
            drawn.CropX, drawn.CropWidth, ImageSize, 0, ImageSize, _interpolation, antialias, mirrored: drawn.Flip);
        scratch.Rows.Build(
            drawn.CropY, drawn.CropHeight, ImageSize, 0, ImageSize, _interpolation, antialias, gain: CropResize.GainOf(image.Format));
        CropResize.Run(image, scratch.Columns, scratch.Rows, scratch, view);
    }

    private void Jitter(in DrawnAugmentation drawn, Span<float> view)
    {
        bool official = _flavour == AugmentationFlavour.Official;
        int planeSize = ImageSize * ImageSize;
        foreach (byte operation in _jitterOrders[drawn.JitterOrder])
        {
            if (!Has(operation))
            {
                continue;
            }

            switch (operation)
            {
                case 0 when official:
                    ColorOperations.AddBrightness(view, drawn.Brightness);
                    break;
                case 0:
                    ColorOperations.ScaleBrightness(view, drawn.Brightness);
                    break;
                case 1 when official:
                    ColorOperations.ContrastAboutChannelMeans(view, planeSize, drawn.Contrast);
                    break;
                case 1:
                    ColorOperations.ContrastAboutGreyMean(view, planeSize, drawn.Contrast);
                    break;
                case 2 when official:
                    ColorOperations.SaturateHsv(view, planeSize, drawn.Saturation);
                    break;
                case 2:
                    ColorOperations.SaturateAgainstGrey(view, planeSize, drawn.Saturation);
                    break;
                case 3:
                    ColorOperations.ShiftHue(view, planeSize, drawn.Hue);
                    break;
            }
        }
    }

    private void Blur(float sigma, AugmentationScratch scratch, Span<float> view)
    {
        var border = _flavour == AugmentationFlavour.Official ? BlurBorder.Zero : BlurBorder.Reflect;
        int planeSize = ImageSize * ImageSize;
        for (int from = 0; from < view.Length; from += planeSize)
        {
            GaussianBlur.Run(view.Slice(from, planeSize), ImageSize, _blurRadius, sigma, border, scratch);
        }
    }

    private static IEnumerable<string> ColorOnly(AugmentationOptions options)
    {
        if (options.JitterProbability > 0 && options.Saturation > 0)
        {
            yield return "saturation";
        }

        if (options.JitterProbability > 0 && options.Hue > 0)
        {
            yield return "hue";
        }

        if (options.GrayscaleProbability > 0)
        {
            yield return "grayscale";
        }
    }

    // 0 brightness, 1 contrast, 2 saturation, 3 hue; in lexicographic order.
    private static byte[][] PermutationsOfFour() =>
        [.. from a in Enumerable.Range(0, 4)
            from b in Enumerable.Range(0, 4)
            from c in Enumerable.Range(0, 4)
            where a != b && a != c && b != c
            select new[] { (byte)a, (byte)b, (byte)c, (byte)(6 - a - b - c) }];

    private readonly struct Solarization(float threshold) : IValueOperation
    {
        private readonly Vector<float> _threshold = new(threshold);

        public Vector<float> Apply(Vector<float> values) =>
            Vector.ConditionalSelect(Vector.LessThan(values, _threshold), values, Vector<float>.One - values);
    }
}
