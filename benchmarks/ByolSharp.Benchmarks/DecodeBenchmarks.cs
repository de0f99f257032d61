using BenchmarkDotNet.Attributes;
using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Benchmarks;

/// <summary>Files in memory to pixels; the time is that of one image.</summary>
public class DecodeBenchmarks
{
    private const int ImageCount = 24;
    private ImageDecoder _whole = null!, _half = null!, _quarter = null!, _eighth = null!;
    private byte[][] _photos = [], _jpegs = [], _pngs = [];

    /// <summary>What decodes JPEG.</summary>
    [ParamsSource(typeof(Samples), nameof(Samples.JpegLibraries))]
    public string Jpeg { get; set; } = "";

    [GlobalSetup(Targets = [nameof(Photo), nameof(PhotoHalf), nameof(PhotoQuarter), nameof(PhotoEighth)])]
    public void FindPhotos()
    {
        _photos = Samples.Photos(ImageCount);
        (_whole, _half, _quarter, _eighth) = (Samples.Decoder(Jpeg), Samples.Decoder(Jpeg, 200), Samples.Decoder(Jpeg, 100), Samples.Decoder(Jpeg, 50));
    }

    [GlobalSetup(Targets = [nameof(Jpeg64), nameof(Png32)])]
    public void EncodeGenerated()
    {
        _whole = Samples.Decoder(Jpeg);
        Image[] images = Samples.Small(ImageCount);
        _jpegs = [.. images.Select(i => Samples.Encode(i, SKEncodedImageFormat.Jpeg, enlarge: 2))];
        _pngs = [.. images.Select(i => Samples.Encode(i, SKEncodedImageFormat.Png))];
    }

    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void Photo() => Decode(_whole, _photos);

    /// <summary>data.decodeShortSide = 200.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void PhotoHalf() => Decode(_half, _photos);

    /// <summary>data.decodeShortSide = 100.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void PhotoQuarter() => Decode(_quarter, _photos);

    /// <summary>data.decodeShortSide = 50.</summary>
    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void PhotoEighth() => Decode(_eighth, _photos);

    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void Jpeg64() => Decode(_whole, _jpegs);

    [Benchmark(OperationsPerInvoke = ImageCount)]
    public void Png32() => Decode(_whole, _pngs);

    private static void Decode(ImageDecoder decoder, byte[][] files)
    {
        foreach (byte[] file in files)
        {
            decoder.Decode(file);
        }
    }
}
