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
    /// Default 0.3.
    /// </summary>
    public double Nuisance { get; init; } = 0.3;

    /// <summary>
    /// How far the colours of the shapes belong to the image rather than to each shape, from 0 (every shape has colours of its own)
    /// to 1 (one ink an image). A colour that a whole image shares survives cropping, so BYOL learns it beside the class. Default 0.3.
    /// </summary>
    public double SharedColour { get; init; } = 0.3;
}

/// <summary>Part of a generated data set.</summary>
public enum GeneratedSplit
{
    /// <summary>Images to train on.</summary>
    Train,

    /// <summary>Images to test on.</summary>
    Test,
}
