using System.CommandLine;
using ByolSharp.Export.Onnx;

namespace ByolSharp.Cli;

/// <summary>The options of <c>byol export --format onnx</c>.</summary>
internal sealed class OnnxExport
{
    private const double SingleTolerance = 1e-4, HalfTolerance = 2e-2, Int8Tolerance = 0.1;

    private static readonly (string Name, OnnxInput Input)[] Inputs =
    [
        ("views", OnnxInput.Views), ("uint8-nhwc", OnnxInput.Uint8Nhwc), ("uint8-nchw", OnnxInput.Uint8Nchw),
        ("float-nhwc", OnnxInput.FloatNhwc), ("float-nchw", OnnxInput.FloatNchw),
    ];

    private static readonly (string Name, OnnxPrecision Precision)[] Precisions = [("fp32", OnnxPrecision.Single), ("fp16", OnnxPrecision.Half), ("int8", OnnxPrecision.Int8)];

    private readonly Option<int> _opset = new("--opset") { Description = "onnx: version of the operators, 17 to 22.", DefaultValueFactory = _ => 17 };
    private readonly Option<string> _precision = new("--precision") { Description = $"onnx: {string.Join(", ", Precisions.Select(p => p.Name))}; int8 stores weights as bytes.", DefaultValueFactory = _ => "fp32" };
    private readonly Option<string> _input = new("--input") { Description = $"onnx: {string.Join(", ", Inputs.Select(i => i.Name))}; all but views are images, which the graph resizes, crops and normalises.", DefaultValueFactory = _ => "views" };
    private readonly Option<int?> _batch = new("--batch-size") { Description = "onnx: samples a batch; default: any number." };
    private readonly Option<bool> _fixedSize = new("--fixed-size") { Description = "onnx: views of the trained size, or texts of the trained length, alone." };
    private readonly Option<double?> _tolerance = new("--tolerance") { Description = "onnx: largest difference allowed, as a share of the largest value above 1; default 1e-4, fp16 2e-2, int8 0.1." };

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
        if (Precisions.All(p => p.Name != precision))
        {
            throw new ConfigurationException($"unknown precision '{precision}'; known: {string.Join(", ", Precisions.Select(p => p.Name))}.");
        }
        var options = new OnnxExportOptions
        {
            Opset = arguments.GetValue(_opset),
            Precision = Precisions.Single(p => p.Name == precision).Precision,
            Input = Inputs.Single(i => i.Name == input).Input,
            BatchSize = arguments.GetValue(_batch),
            AnySize = !arguments.GetValue(_fixedSize),
        };
        options.Validate();
        return options;
    }

    /// <summary>How far ONNX Runtime may be off, as a share of the largest value above 1.</summary>
    internal double Tolerance(ParseResult arguments, OnnxExportOptions options) =>
        arguments.GetValue(_tolerance) ?? options.Precision switch
        {
            OnnxPrecision.Half => HalfTolerance,
            OnnxPrecision.Int8 => Int8Tolerance,
            _ => SingleTolerance,
        };
}
