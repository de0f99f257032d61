using BenchmarkDotNet.Attributes;
using ByolSharp.Evaluation;
using ByolSharp.Export.Onnx;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using Microsoft.Extensions.AI;
using TorchSharp;

namespace ByolSharp.Benchmarks;

/// <summary>Photos to representations, from the bytes of their files: the library in process beside the package on ONNX Runtime.</summary>
public class EmbedBenchmarks
{
    private const int Photos = 64;
    private byte[][] _files = null!;
    private Backbone _backbone = null!;
    private PhotoSource _source = null!;
    private string _onnx = null!;
    private ImageEmbeddingGenerator _generator = null!;

    /// <summary>Backbone and side of its views.</summary>
    [Params("resnet8-strided 32", "resnet18 224", "vit-tiny 224")]
    public string Encoder { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        string name = Encoder.Split(' ')[0];
        int size = int.Parse(Encoder.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var options = new BackboneOptions { Name = name, ImageSize = size };
        _files = Samples.Photos(Photos);
        _backbone = BackboneFactory.Create(options, seed: 1);
        _backbone.eval();
        _source = new(_files, new EvalTransform(new ImageViewOptions(), size, 3));
        _onnx = Path.GetTempFileName();
        OnnxFile.Save(_onnx, _backbone, options, new() { ImageSize = size }, 3, new());
        _generator = new(_onnx);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _backbone.Dispose();
        _generator.Dispose();
        File.Delete(_onnx);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Photos)]
    public int InProcess()
    {
        using var noGradients = torch.no_grad();
        return FeatureExtractor.Extract(_backbone, _source, batchSize: 32).Features.Count;
    }

    [Benchmark(OperationsPerInvoke = Photos)]
    public int OnnxRuntime() =>
        _generator.GenerateAsync(_files.Select(file => new DataContent(file, "image/jpeg"))).GetAwaiter().GetResult().Count;

    private sealed class PhotoSource(byte[][] files, EvalTransform transform) : IEvalSource
    {
        public int Count => files.Length;

        public IReadOnlyList<long> ViewShape { get; } = [3, transform.ImageSize, transform.ImageSize];

        public IReadOnlyList<string> ClassNames => [];

        public string NameOf(int index) => $"{index}";

        public int LabelOf(int index) => -1;

        public void Render(int index, Span<float> view) => transform.Apply(ImageDecoder.Default.Decode(files[index]), view);
    }
}
