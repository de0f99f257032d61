namespace ByolSharp.Images;

/// <summary>
/// One distribution of image augmentations (T or T' of the paper, appendix B). The values that both distributions of the paper share
/// are the defaults; blur and solarize, where they differ, default to T (the first view).
/// </summary>
public sealed record AugmentationOptions
{
    /// <summary>Smallest crop, as a share of the image's area; above 0, at most 1. Default 0.08 (paper).</summary>
    public double CropAreaMin { get; init; } = 0.08;

    /// <summary>Largest crop, as a share of the image's area; at most 1. Default 1 (paper).</summary>
    public double CropAreaMax { get; init; } = 1;

    /// <summary>Smallest width / height of a crop, above 0; drawn evenly in the logarithm. Default 3/4 (paper).</summary>
    public double CropAspectMin { get; init; } = 3.0 / 4;

    /// <summary>Largest width / height of a crop. Default 4/3 (paper).</summary>
    public double CropAspectMax { get; init; } = 4.0 / 3;

    /// <summary>Probability of a mirror image, left and right exchanged; 0 to 1. Default 0.5 (paper).</summary>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Probability of the colour jitter, that is of the next four together; 0 to 1. Default 0.8 (paper).</summary>
    public double JitterProbability { get; init; } = 0.8;

    /// <summary>
    /// Brightness b, 0 to 1. Official flavour: a value from [-b, b] is added; torchvision: a factor from [1 - b, 1 + b]. Default 0.4 (paper).
    /// </summary>
    public double Brightness { get; init; } = 0.4;

    /// <summary>
    /// Contrast c, 0 to 1: a factor from [1 - c, 1 + c] on the distance from the mean; official flavour: each channel's own mean;
    /// torchvision: the mean of the grey image. Default 0.4 (paper).
    /// </summary>
    public double Contrast { get; init; } = 0.4;

    /// <summary>
    /// Saturation s, 0 to 1: a factor from [1 - s, 1 + s]; official flavour: on S of HSV; torchvision: on the distance from grey.
    /// Default 0.2 (paper). Needs three channels.
    /// </summary>
    public double Saturation { get; init; } = 0.2;

    /// <summary>Hue h, 0 to 0.5: a shift from [-h, h] turns of the colour circle. Default 0.1 (paper). Needs three channels.</summary>
    public double Hue { get; init; } = 0.1;

    /// <summary>Probability of turning grey, drawn apart from the jitter; 0 to 1. Default 0.2 (paper). Needs three channels.</summary>
    public double GrayscaleProbability { get; init; } = 0.2;

    /// <summary>Probability of the Gaussian blur, 0 to 1. Default 1 (T of the paper; T' has 0.1).</summary>
    public double BlurProbability { get; init; } = 1;

    /// <summary>
    /// Width of the blur kernel as a share of the view's size, 0 to 1: the kernel has 2 r + 1 taps with r = floor(size * share / 2).
    /// Default 0.1 (official code): 23 taps at 224 pixels, 13 at 128, 9 at 96, 3 at 32.
    /// </summary>
    public double BlurKernelFraction { get; init; } = 0.1;

    /// <summary>Smallest standard deviation of the blur, in pixels of the view; above 0. Default 0.1 (paper).</summary>
    public double BlurSigmaMin { get; init; } = 0.1;

    /// <summary>Largest standard deviation of the blur, in pixels of the view. Default 2 (paper).</summary>
    public double BlurSigmaMax { get; init; } = 2;

    /// <summary>Probability of solarizing, 0 to 1. Default 0 (T of the paper; T' has 0.2).</summary>
    public double SolarizeProbability { get; init; }

    /// <summary>Solarizing turns values from here upwards into 1 - value; 0 to 1. Default 0.5 (paper).</summary>
    public double SolarizeThreshold { get; init; } = 0.5;

    /// <summary>T of the paper: always blurred, never solarized.</summary>
    public static AugmentationOptions OfficialT { get; } = new();

    /// <summary>T' of the paper: blurred with probability 0.1, solarized with 0.2.</summary>
    public static AugmentationOptions OfficialTPrime { get; } = new() { BlurProbability = 0.1, SolarizeProbability = 0.2 };

    /// <summary>Random resized crop and flip alone: the training augmentation of linear evaluation and fine-tuning (paper, appendix C.1).</summary>
    public static AugmentationOptions CropAndFlip { get; } = new() { JitterProbability = 0, GrayscaleProbability = 0, BlurProbability = 0 };

    /// <summary>Taps to each side of the middle of the blur kernel for views of this size.</summary>
    public int BlurRadius(int imageSize) => (int)(imageSize * BlurKernelFraction / 2);

    /// <summary>Throws unless every value is in its range.</summary>
    /// <param name="key">How the user calls these options, for the message; for example <c>views.t</c>.</param>
    /// <exception cref="ConfigurationException">A value is no number, out of its range, or a minimum is above its maximum.</exception>
    public void Validate(string key)
    {
        OptionCheck.Range($"{key}.cropAreaMin", CropAreaMin, 0, 1, includeLow: false);
        OptionCheck.Range($"{key}.cropAreaMax", CropAreaMax, 0, 1, includeLow: false);
        OptionCheck.Order($"{key}.cropAreaMin", CropAreaMin, $"{key}.cropAreaMax", CropAreaMax);
        OptionCheck.Range($"{key}.cropAspectMin", CropAspectMin, 0, 100, includeLow: false);
        OptionCheck.Range($"{key}.cropAspectMax", CropAspectMax, 0, 100, includeLow: false);
        OptionCheck.Order($"{key}.cropAspectMin", CropAspectMin, $"{key}.cropAspectMax", CropAspectMax);
        OptionCheck.Range($"{key}.flipProbability", FlipProbability, 0, 1);
        OptionCheck.Range($"{key}.jitterProbability", JitterProbability, 0, 1);
        OptionCheck.Range($"{key}.brightness", Brightness, 0, 1);
        OptionCheck.Range($"{key}.contrast", Contrast, 0, 1);
        OptionCheck.Range($"{key}.saturation", Saturation, 0, 1);
        OptionCheck.Range($"{key}.hue", Hue, 0, 0.5);
        OptionCheck.Range($"{key}.grayscaleProbability", GrayscaleProbability, 0, 1);
        OptionCheck.Range($"{key}.blurProbability", BlurProbability, 0, 1);
        OptionCheck.Range($"{key}.blurKernelFraction", BlurKernelFraction, 0, 1);
        OptionCheck.Range($"{key}.blurSigmaMin", BlurSigmaMin, 0, 1000, includeLow: false);
        OptionCheck.Range($"{key}.blurSigmaMax", BlurSigmaMax, 0, 1000, includeLow: false);
        OptionCheck.Order($"{key}.blurSigmaMin", BlurSigmaMin, $"{key}.blurSigmaMax", BlurSigmaMax);
        OptionCheck.Range($"{key}.solarizeProbability", SolarizeProbability, 0, 1);
        OptionCheck.Range($"{key}.solarizeThreshold", SolarizeThreshold, 0, 1);
    }
}
