using System.CommandLine;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Cli;

/// <summary>The options of <c>byol export --format onnx</c>, and the comparison of what ONNX Runtime makes of the file.</summary>
internal sealed class OnnxExport
{
    private const double SingleTolerance = 1e-4, HalfTolerance = 2e-2;
    private const int Batch = 3;

    private static readonly (string Name, OnnxInput Input)[] Inputs =
    [
        ("views", OnnxInput.Views), ("uint8-nhwc", OnnxInput.Uint8Nhwc), ("uint8-nchw", OnnxInput.Uint8Nchw),
        ("float-nhwc", OnnxInput.FloatNhwc), ("float-nchw", OnnxInput.FloatNchw),
    ];

    private readonly Option<int> _opset = new("--opset") { Description = "onnx: version of the operators, 17 to 22.", DefaultValueFactory = _ => 17 };
    private readonly Option<string> _precision = new("--precision") { Description = "onnx: fp32 or fp16.", DefaultValueFactory = _ => "fp32" };
    private readonly Option<string> _input = new("--input") { Description = $"onnx: {string.Join(", ", Inputs.Select(i => i.Name))}; all but views resize, crop and normalise in the graph.", DefaultValueFactory = _ => "views" };
    private readonly Option<int?> _batch = new("--batch-size") { Description = "onnx: images a batch; default: any number." };
    private readonly Option<bool> _fixedSize = new("--fixed-size") { Description = "onnx: views of the trained size alone." };
    private readonly Option<double?> _tolerance = new("--tolerance") { Description = "onnx: largest difference allowed, as a share of the largest value above 1; default 1e-4, fp16 2e-2." };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_opset, _precision, _input, _batch, _fixedSize, _tolerance])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The options that the command line names.</summary>
    internal OnnxExportOptions Options(ParseResult arguments)
    {
        string input = arguments.GetValue(_input)!, precision = arguments.GetValue(_precision)!;
        if (Inputs.All(i => i.Name != input))
        {
            throw new ConfigurationException($"unknown input '{input}'; known: {string.Join(", ", Inputs.Select(i => i.Name))}.");
        }
        if (precision is not ("fp32" or "fp16"))
        {
            throw new ConfigurationException($"unknown precision '{precision}'; known: fp32, fp16.");
        }
        var options = new OnnxExportOptions
        {
            Opset = arguments.GetValue(_opset),
            IsHalf = precision == "fp16",
            Input = Inputs.Single(i => i.Name == input).Input,
            BatchSize = arguments.GetValue(_batch),
            AnySize = !arguments.GetValue(_fixedSize),
        };
        options.Validate();
        return options;
    }

    /// <summary>How far ONNX Runtime may be off, as a share of the largest value above 1.</summary>
    internal double Tolerance(ParseResult arguments, OnnxExportOptions options) =>
        arguments.GetValue(_tolerance) ?? (options.IsHalf ? HalfTolerance : SingleTolerance);

    /// <summary>Runs a file on random input of one and of several images and of two sizes, as far as it takes them, beside the encoder itself.</summary>
    /// <returns>The largest difference, and the largest value of a representation.</returns>
    internal static (double Difference, double LargestValue) Compare(
        string file, Backbone backbone, BackboneOptions options, EncoderMetadata metadata, OnnxExportOptions export)
    {
        using var encoder = new OnnxEncoder(file);
        bool anySize = export.Input != OnnxInput.Views || export.AnySize && !BackboneFactory.HasFixedSize(options.Name);
        int[] batches = export.BatchSize is { } one ? [one] : [1, Batch], sizes = anySize ? [metadata.ImageSize, metadata.ImageSize * 5 / 4] : [metadata.ImageSize];
        double difference = 0, largest = 0;
        foreach (var (batch, size) in batches.SelectMany(b => sizes.Select(s => (b, s))))
        {
            using var scope = NewDisposeScope();
            var (expected, actual) = export.Input == OnnxInput.Views
                ? OnViews(encoder, backbone, batch, size)
                : OnImages(encoder, backbone, metadata, batch, height: size, width: size * 4 / 3);
            // Not a number is not within any tolerance.
            float off = (actual - expected).abs().max().item<float>();
            difference = float.IsNaN(off) ? double.PositiveInfinity : Math.Max(difference, off);
            largest = Math.Max(largest, expected.abs().max().item<float>());
        }
        return (difference, largest);
    }

    private static (Tensor Expected, Tensor Actual) OnViews(OnnxEncoder encoder, Backbone backbone, int batch, int size)
    {
        var views = randn(batch, encoder.Channels, size, size);
        return (backbone.call(views), tensor(encoder.Run<float>([.. views.data<float>()], views.shape), [batch, encoder.RepresentationSize]));
    }

    private static (Tensor Expected, Tensor Actual) OnImages(
        OnnxEncoder encoder, Backbone backbone, EncoderMetadata metadata, int batch, int height, int width)
    {
        var transform = new EvalTransform(
            new ImageViewOptions { Mean = [.. metadata.Mean], Std = [.. metadata.Std] }, metadata.ImageSize, encoder.Channels);
        var images = randint(0, byte.MaxValue + 1, [batch, height, width, encoder.Channels], ScalarType.Byte);
        var views = new float[batch * transform.ViewLength];
        for (int i = 0; i < batch; i++)
        {
            using var pixels = images[i].clone();
            transform.Apply(new Image(width, height, encoder.Channels, pixels.bytes.ToArray()), views.AsSpan(i * transform.ViewLength, transform.ViewLength));
        }
        var expected = backbone.call(tensor(views, [batch, encoder.Channels, metadata.ImageSize, metadata.ImageSize]));
        var input = encoder.IsChannelsLast ? images : images.permute(0, 3, 1, 2).contiguous();
        float[] actual = encoder.TakesBytes
            ? encoder.Run<byte>(input.bytes.ToArray(), input.shape)
            : encoder.Run<float>([.. input.to_type(ScalarType.Float32).data<float>()], input.shape);
        return (expected, tensor(actual, [batch, encoder.RepresentationSize]));
    }
}
