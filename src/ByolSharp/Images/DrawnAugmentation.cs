namespace ByolSharp.Images;

/// <summary>
/// What chance decided for one view: drawing is apart from applying, so that draws can be counted, shown, and shared by the frames of
/// a clip.
/// </summary>
public readonly record struct DrawnAugmentation
{
    /// <summary>Left edge of the crop, in pixels of the image.</summary>
    public int CropX { get; init; }

    /// <summary>Upper edge of the crop, in pixels of the image.</summary>
    public int CropY { get; init; }

    /// <summary>Width of the crop in pixels, at least 1.</summary>
    public int CropWidth { get; init; }

    /// <summary>Height of the crop in pixels, at least 1.</summary>
    public int CropHeight { get; init; }

    /// <summary>The drawn share of the image's area, before the crop was rounded and clamped to the image.</summary>
    public double CropArea { get; init; }

    /// <summary>The drawn width / height, before the crop was rounded and clamped to the image.</summary>
    public double CropAspect { get; init; }

    /// <summary>Whether left and right are exchanged.</summary>
    public bool Flip { get; init; }

    /// <summary>Whether the colours are jittered with the next five values.</summary>
    public bool Jitter { get; init; }

    /// <summary>Official flavour: what is added; torchvision: a factor.</summary>
    public float Brightness { get; init; }

    /// <summary>Factor on the distance from the mean.</summary>
    public float Contrast { get; init; }

    /// <summary>Factor on the saturation.</summary>
    public float Saturation { get; init; }

    /// <summary>Shift of the hue in turns.</summary>
    public float Hue { get; init; }

    /// <summary>Which of the 24 orders the four jitter operations have, 0 to 23; 0 is brightness, contrast, saturation, hue.</summary>
    public int JitterOrder { get; init; }

    /// <summary>Whether the view turns grey.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Whether the view is blurred.</summary>
    public bool Blur { get; init; }

    /// <summary>Standard deviation of the blur, in pixels of the view.</summary>
    public float BlurSigma { get; init; }

    /// <summary>Whether the view is solarized.</summary>
    public bool Solarize { get; init; }
}
