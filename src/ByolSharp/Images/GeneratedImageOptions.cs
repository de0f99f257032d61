namespace ByolSharp.Images;

/// <summary>What <see cref="GeneratedImages"/> draws.</summary>
public sealed record GeneratedImageOptions
{
    /// <summary>Number of images, at least 1; the classes are balanced to within one image. Default 4000.</summary>
    public int Count { get; init; } = 4000;

    /// <summary>Seed of the data set; together with the split and the index it fixes every pixel. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>Train or test; the two share no image. Default train.</summary>
    public GeneratedSplit Split { get; init; } = GeneratedSplit.Train;

    /// <summary>
    /// Strength of everything that hides the class (clutter, noise, faint and uneven ink, shapes of unequal size), from 0 (none) to 1.
    /// Default 0.6.
    /// </summary>
    public double Nuisance { get; init; } = 0.6;

    /// <summary>
    /// Strength of the colours, from 0 (grey images) to 1. They say nothing of the class and differ from patch to patch, but what two crops of
    /// an image share of them BYOL learns beside the class. Default 0.3.
    /// </summary>
    public double Colour { get; init; } = 0.3;

    /// <summary>
    /// How far each shape is turned from upright at most, in degrees, from 0 to 180 (any angle). Turning is no augmentation of BYOL's, so the
    /// more shapes turn, the more it must find out by itself. Default 15.
    /// </summary>
    public double Tilt { get; init; } = 15;
}

/// <summary>Part of a generated data set.</summary>
public enum GeneratedSplit
{
    /// <summary>Images to train on.</summary>
    Train,

    /// <summary>Images to test on.</summary>
    Test,
}
