using System.Text.Json.Serialization;

namespace ByolSharp.Images;

/// <summary>Whose meaning the augmentations have where the two common implementations differ.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AugmentationFlavour>))]
public enum AugmentationFlavour
{
    /// <summary>
    /// DeepMind's code: one crop draw, clamped to the image; resizing without antialiasing; additive brightness, contrast about each
    /// channel's mean, saturation on S of HSV; blur with zeros beyond the border.
    /// </summary>
    Official,

    /// <summary>
    /// As in most PyTorch ports: ten tries for a crop inside the image, else a centre crop; antialiased resizing; multiplicative
    /// brightness, contrast about the grey mean, saturation against grey; blur with the image mirrored beyond the border.
    /// Computed in float: the rounding to 8 bits between the operations is not imitated.
    /// </summary>
    Torchvision,
}

/// <summary>Kernel with which crops are resized.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Interpolation>))]
public enum Interpolation
{
    /// <summary>Keys' cubic convolution with a = -1/2, as the paper's code and Pillow have it.</summary>
    Bicubic,

    /// <summary>Linear in both directions.</summary>
    Bilinear,
}

/// <summary>The two augmentation distributions T and T' of the paper and what both share.</summary>
public sealed record ImageViewOptions
{
    // ImageNet, red green blue, over values in [0, 1]; other channel counts get the average of the three.
    private static readonly double[] _imageNetMean = [0.485, 0.456, 0.406];
    private static readonly double[] _imageNetStd = [0.229, 0.224, 0.225];
    private const double OtherMean = 0.449, OtherStd = 0.226;

    /// <summary>Distribution of the first view. Default <see cref="AugmentationOptions.OfficialT"/>.</summary>
    public AugmentationOptions T { get; init; } = AugmentationOptions.OfficialT;

    /// <summary>Distribution of the second view. Default <see cref="AugmentationOptions.OfficialTPrime"/>.</summary>
    public AugmentationOptions TPrime { get; init; } = AugmentationOptions.OfficialTPrime;

    /// <summary>Meaning of crop, jitter and blur. Default <see cref="AugmentationFlavour.Official"/>.</summary>
    public AugmentationFlavour Flavour { get; init; } = AugmentationFlavour.Official;

    /// <summary>Kernel with which crops are resized. Default <see cref="Interpolation.Bicubic"/> (paper).</summary>
    public Interpolation Interpolation { get; init; } = Interpolation.Bicubic;

    /// <summary>
    /// What is subtracted from each channel of a view in [0, 1]. Default null: the ImageNet means for three channels, their average
    /// 0.449 for any other number.
    /// </summary>
    public double[]? Mean { get; init; }

    /// <summary>
    /// What each channel is then divided by. Default null: the ImageNet standard deviations for three channels, their average 0.226
    /// for any other number.
    /// </summary>
    public double[]? Std { get; init; }

    /// <summary>The paper's asymmetric pair: blur 1.0 / 0.1, solarize 0 / 0.2 (appendix B).</summary>
    public static ImageViewOptions Official { get; } = new();

    /// <summary>The paper's symmetric pair, equally good at 300 epochs: blur 0.5 and solarize 0.2 in both views (appendix F.6).</summary>
    public static ImageViewOptions Symmetric { get; } = new()
    {
        T = AugmentationOptions.OfficialT with { BlurProbability = 0.5, SolarizeProbability = 0.2 },
        TPrime = AugmentationOptions.OfficialT with { BlurProbability = 0.5, SolarizeProbability = 0.2 },
    };

    /// <summary>For images of 32 pixels, as in published CIFAR-10 recipes: no blur, solarize 0 / 0.2, all else as in the paper.</summary>
    public static ImageViewOptions Cifar { get; } = new()
    {
        T = AugmentationOptions.OfficialT with { BlurProbability = 0 },
        TPrime = AugmentationOptions.OfficialTPrime with { BlurProbability = 0 },
    };

    /// <summary>The mean in force for this number of channels.</summary>
    public IReadOnlyList<double> MeanFor(int channels) => Mean ?? (channels == 3 ? _imageNetMean : Repeat(OtherMean, channels));

    /// <summary>The standard deviation in force for this number of channels.</summary>
    public IReadOnlyList<double> StdFor(int channels) => Std ?? (channels == 3 ? _imageNetStd : Repeat(OtherStd, channels));

    /// <summary>Throws unless every value is in its range.</summary>
    /// <param name="channels">Channels of the images, for the length of mean and std; null where it is not known yet.</param>
    /// <param name="key">How the user calls these options, for the message.</param>
    /// <exception cref="ConfigurationException">A value does not work; the message names its key.</exception>
    public void Validate(int? channels = null, string key = "views")
    {
        (T ?? throw new ConfigurationException($"{key}.t is missing: leave the key out or give an object")).Validate($"{key}.t");
        (TPrime ?? throw new ConfigurationException($"{key}.tPrime is missing: leave the key out or give an object")).Validate($"{key}.tPrime");
        if (!Enum.IsDefined(Flavour))
        {
            throw new ConfigurationException($"{key}.flavour = {Flavour} does not work: give Official or Torchvision");
        }

        if (!Enum.IsDefined(Interpolation))
        {
            throw new ConfigurationException($"{key}.interpolation = {Interpolation} does not work: give Bicubic or Bilinear");
        }

        ValidateNormalisation($"{key}.mean", Mean, channels, low: -1e3, includeLow: true);
        ValidateNormalisation($"{key}.std", Std, channels, low: 0, includeLow: false);
    }

    private static void ValidateNormalisation(string key, double[]? values, int? channels, double low, bool includeLow)
    {
        if (values is null)
        {
            return;
        }

        if (channels is { } count && values.Length != count)
        {
            throw new ConfigurationException($"{key} has {values.Length} values for {count} channels: give one value a channel");
        }

        for (int c = 0; c < values.Length; c++)
        {
            OptionCheck.Range($"{key}[{c}]", values[c], low, 1e3, includeLow);
        }
    }

    private static double[] Repeat(double value, int count)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }
}
