using BenchmarkDotNet.Attributes;
using ByolSharp.Images;

namespace ByolSharp.Benchmarks;

/// <summary>What images the views are cut from.</summary>
public enum ViewSource
{
    /// <summary>Generated, 32 x 32.</summary>
    Small,

    /// <summary>Photos of 400 x 534 and the like, decoded beforehand, more than a cache holds.</summary>
    Photo,
}

/// <summary>Both views of an image, decoded beforehand: the time is that of one image, not of one view.</summary>
public class ViewBenchmarks
{
    private const int ImageCount = 32;
    private Image[] _images = [];
    private ImageAugmentation _t = null!, _tPrime = null!, _all = null!;
    private float[] _view = [];
    private long _round;

    [Params(AugmentationFlavour.Official, AugmentationFlavour.Torchvision)]
    public AugmentationFlavour Flavour { get; set; }

    [Params(32, 96, 224)]
    public int Size { get; set; }

    [Params(ViewSource.Small, ViewSource.Photo)]
    public ViewSource Source { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _images = Source == ViewSource.Small
            ? Samples.Small(ImageCount)
            : [.. Samples.Photos(ImageCount).Select(photo => ImageDecoder.Default.Decode(photo))];
        var views = ImageViewOptions.Official with { Flavour = Flavour };
        var all = new AugmentationOptions { JitterProbability = 1, GrayscaleProbability = 1, BlurProbability = 1, SolarizeProbability = 1, FlipProbability = 1 };
        (_t, _tPrime, _all) = (new(views.T, views, Size, 3), new(views.TPrime, views, Size, 3), new(all, views, Size, 3));
        _view = new float[_t.ViewLength];
    }

    /// <summary>T and T' as they are drawn in a training.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void AsDrawn() => Run(_t, _tPrime);

    /// <summary>Every operation in both views.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void AllOperations() => Run(_all, _all);

    private void Run(ImageAugmentation t, ImageAugmentation tPrime)
    {
        _round++;
        for (int i = 0; i < _images.Length; i++)
        {
            var random = new SampleRandom(0, _round, i);
            t.Apply(_images[i], ref random, _view);
            tPrime.Apply(_images[i], ref random, _view);
        }
    }
}
