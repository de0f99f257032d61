namespace ByolSharp.Images.Backbones;

/// <summary>The first layers of a residual network.</summary>
public enum StemKind
{
    /// <summary><see cref="Small"/> for the CIFAR networks and below 64 pixels, else <see cref="ImageNet"/>.</summary>
    Auto,

    /// <summary>Convolution 7x7 with stride 2, then max pooling with stride 2: for large images.</summary>
    ImageNet,

    /// <summary>Convolution 3x3 with stride 1 and no pooling: for images of CIFAR's size.</summary>
    Small,

    /// <summary>Convolution 5x5 with stride 2 and no pooling: a quarter of the work in all later layers, or twice the width for the same.</summary>
    Strided,
}

/// <summary>What a CIFAR network adds where the number of channels grows (He et al. 2016, section 3.3).</summary>
public enum ShortcutKind
{
    /// <summary>Option A: every second pixel, new channels zero; no parameters.</summary>
    ZeroPad,

    /// <summary>Option B: a 1x1 convolution with normalisation.</summary>
    Projection,
}

/// <summary>How a transformer's tokens become one representation.</summary>
public enum TokenPooling
{
    /// <summary>The class token.</summary>
    Cls,

    /// <summary>The mean of the patches' tokens.</summary>
    Mean,
}

/// <summary>The normalisation of convolutional networks.</summary>
public enum NormKind
{
    /// <summary>Batch normalisation.</summary>
    Batch,

    /// <summary>
    /// Group normalisation with weight-standardised convolutions (Richemond et al. 2020, "BYOL works even without batch statistics"): a sample's
    /// representation does not depend on the others of its batch.
    /// </summary>
    Group,
}

/// <summary>Names and shapes a backbone; <see cref="BackboneFactory"/> builds it.</summary>
public sealed record BackboneOptions
{
    /// <summary>One of <see cref="BackboneFactory.Names"/>. Default resnet18.</summary>
    public string Name { get; init; } = "resnet18";

    /// <summary>Channels of the images, at least 1. Default 3.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Side of the square views in pixels, at least 8. Residual networks also take other sizes. Default 224.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Factor on the channels of all layers of a residual network, above 0, at most 16. Default 1; the paper also uses 2, 3 and 4 (section 4).</summary>
    public double WidthMultiplier { get; init; } = 1;

    /// <summary>The first layers of a residual network. Default auto.</summary>
    public StemKind Stem { get; init; } = StemKind.Auto;

    /// <summary>The shortcuts of the CIFAR networks. Default zeroPad (He et al. 2016, section 4.2).</summary>
    public ShortcutKind Shortcut { get; init; } = ShortcutKind.ZeroPad;

    /// <summary>Side of a transformer's patches in pixels, a divisor of the image size. Default (null): 16, below 128 pixels an eighth of the image.</summary>
    public int? PatchSize { get; init; }

    /// <summary>How a transformer's tokens become one representation. Default cls (MoCo v3).</summary>
    public TokenPooling Pooling { get; init; } = TokenPooling.Cls;

    /// <summary>Whether a transformer's patch embedding stays as it was drawn, which steadies training. Default true (MoCo v3, section 4.2).</summary>
    public bool FreezePatchEmbedding { get; init; } = true;

    /// <summary>Normalisation of a residual network; transformers have layer normalisation. Default batch.</summary>
    public NormKind Norm { get; init; } = NormKind.Batch;

    /// <summary>
    /// Whether the last normalisation of a bottleneck block (resnet50 and deeper) starts with scale 0. Default true (the authors' code; the
    /// paper's own results were obtained with false).
    /// </summary>
    public bool ZeroGamma { get; init; } = true;

    /// <summary>Distribution of the initial weights. Default official.</summary>
    public InitializationScheme Initialization { get; init; } = InitializationScheme.Official;
}
