using BenchmarkDotNet.Attributes;
using ByolSharp.Images;

namespace ByolSharp.Benchmarks;

/// <summary>Each augmentation alone, on one view of three channels in memory; <see cref="Copy"/> is part of every other but the crop.</summary>
public class OperationBenchmarks
{
    private float[] _source = [], _view = [];
    private Image _image = null!;
    private ImageAugmentation _crop = null!;
    private DrawnAugmentation _drawn;
    private ViewNormalisation _normalisation = null!;

    [Params(AugmentationFlavour.Official, AugmentationFlavour.Torchvision)]
    public AugmentationFlavour Flavour { get; set; }

    [Params(32, 96, 224)]
    public int Size { get; set; }

    private bool IsOfficial => Flavour == AugmentationFlavour.Official;

    private int PlaneSize => Size * Size;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SampleRandom(1);
        _source = [.. Enumerable.Range(0, 3 * PlaneSize).Select(_ => (float)random.NextDouble())];
        _view = new float[_source.Length];
        int side = Size * 5 / 4;
        _image = new Image(side, side, 3, [.. Enumerable.Range(0, 3 * side * side).Select(_ => (byte)random.NextInt(256))]);
        _crop = new(AugmentationOptions.CropAndFlip, ImageViewOptions.Official with { Flavour = Flavour }, Size, 3);
        _drawn = new() { CropX = 1, CropY = 2, CropWidth = side - 3, CropHeight = side - 4, Flip = true };
        _normalisation = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    }

    [Benchmark]
    public void Copy() => _source.CopyTo(_view, 0);

    /// <summary>Crop of 1.2 times the size, bicubic, flipped, normalised.</summary>
    [Benchmark]
    public void CropFlipNormalise() => _crop.Apply(_image, _drawn, _view);

    [Benchmark]
    public void Brightness()
    {
        Copy();
        if (IsOfficial)
        {
            ColorOperations.AddBrightness(_view, 0.1f);
        }
        else
        {
            ColorOperations.ScaleBrightness(_view, 1.1f);
        }
    }

    [Benchmark]
    public void Contrast()
    {
        Copy();
        if (IsOfficial)
        {
            ColorOperations.ContrastAboutChannelMeans(_view, PlaneSize, 1.2f);
        }
        else
        {
            ColorOperations.ContrastAboutGreyMean(_view, PlaneSize, 1.2f);
        }
    }

    [Benchmark]
    public void Saturation()
    {
        Copy();
        if (IsOfficial)
        {
            ColorOperations.SaturateHsv(_view, PlaneSize, 1.1f);
        }
        else
        {
            ColorOperations.SaturateAgainstGrey(_view, PlaneSize, 1.1f);
        }
    }

    [Benchmark]
    public void Hue()
    {
        Copy();
        ColorOperations.ShiftHue(_view, PlaneSize, 0.05f);
    }

    [Benchmark]
    public void Grayscale()
    {
        Copy();
        ColorOperations.Grayscale(_view, PlaneSize);
    }

    [Benchmark]
    public void Blur()
    {
        Copy();
        var border = IsOfficial ? BlurBorder.Zero : BlurBorder.Reflect;
        int radius = AugmentationOptions.OfficialT.BlurRadius(Size);
        for (int c = 0; c < 3; c++)
        {
            GaussianBlur.Run(_view.AsSpan(c * PlaneSize, PlaneSize), Size, radius, 1, border, AugmentationScratch.OfThisThread);
        }
    }

    [Benchmark]
    public void Normalise()
    {
        Copy();
        _normalisation.Apply(_view);
    }
}
