using BenchmarkDotNet.Attributes;
using ByolSharp.Images;

namespace ByolSharp.Benchmarks;

/// <summary>Photos in memory to views of 224 pixels, decoding included; the time is that of one image.</summary>
public class CropBenchmarks
{
    private const int ImageCount = 24, Size = 224;
    private ImageDecoder _decoder = null!;
    private byte[][] _photos = [];
    private ImageAugmentation _crop = null!, _t = null!, _tPrime = null!;
    private float[] _view = [];
    private long _round;

    /// <summary>What decodes JPEG.</summary>
    [ParamsSource(typeof(Samples), nameof(Samples.JpegLibraries))]
    public string Jpeg { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        _decoder = Samples.Decoder(Jpeg);
        _photos = Samples.Photos(ImageCount);
        var views = ImageViewOptions.Official;
        (_crop, _t, _tPrime) = (new(AugmentationOptions.CropAndFlip, views, Size, 3), new(views.T, views, Size, 3), new(views.TPrime, views, Size, 3));
        _view = new float[_t.ViewLength];
    }

    /// <summary>One random resized crop with flip, as linear evaluation trains with.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void OneCrop() => Run([_crop]);

    /// <summary>T and T' of the paper.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void BothViews() => Run([_t, _tPrime]);

    private void Run(ReadOnlySpan<ImageAugmentation> augmentations)
    {
        _round++;
        for (int i = 0; i < _photos.Length; i++)
        {
            Image image = _decoder.Decode(_photos[i]);
            var random = new SampleRandom(0, _round, i);
            foreach (ImageAugmentation augmentation in augmentations)
            {
                augmentation.Apply(image, ref random, _view);
            }
        }
    }
}
