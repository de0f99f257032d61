using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>
/// Weights as bytes: each output has a scale of its own, so that its largest weight is 127 (Jacob et al. 2018, arXiv 1712.05877, without an offset of its own).
/// </summary>
internal static class OnnxQuantisation
{
    private const int Largest = 127, Middle = 128;

    /// <summary>Filters of a convolution, [outputs, ...], brought back to single precision before use: a quarter of the space, the same arithmetic.</summary>
    public static string Filters(OnnxGraph graph, string name, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (values, scale) = Rounded(weight, keptAxis: 0);
        return graph.Node(
            "DequantizeLinear", [graph.Constant(name, values.to_type(ScalarType.Int8)), graph.Constant($"{name}_scale", scale.reshape(-1))], ("axis", 0L));
    }

    /// <summary>
    /// input times weight in whole numbers, [..., inputs] x [inputs, outputs]; the input is rounded to bytes by the range that it has in this batch. Both sides are
    /// unsigned, because without VNNI sums of signed and unsigned products saturate.
    /// </summary>
    public static string Product(OnnxGraph graph, string input, string name, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var (values, scale) = Rounded(weight, keptAxis: 1);
        string[] rounded = graph.Nodes(3, "DynamicQuantizeLinear", [input]);
        string zero = graph.Constant($"{name}_zero_point", tensor((byte)Middle));
        using Scalar middle = Middle;
        string stored = graph.Constant(name, values.add(middle, Scalars.One).to_type(ScalarType.Byte));
        string sums = graph.Node("Cast", [graph.Node("MatMulInteger", [rounded[0], stored, rounded[2], zero])], ("to", OnnxTypes.NumberOf(ScalarType.Float32)));
        return graph.Node("Mul", [sums, graph.Node("Mul", [rounded[1], graph.Constant($"{name}_scale", scale.reshape(-1))])]);
    }

    /// <summary>Rows of a table by their numbers; only those that are asked for are brought back to single precision.</summary>
    public static string Rows(OnnxGraph graph, string name, Tensor table, string numbers)
    {
        using var scope = NewDisposeScope();
        var (values, scale) = Rounded(table, keptAxis: 0);
        string rows = graph.Node("Gather", [graph.Constant(name, values.to_type(ScalarType.Int8)), numbers]);
        string scales = graph.Node("Gather", [graph.Constant($"{name}_scale", scale), numbers]);
        return graph.Node("Mul", [graph.Node("Cast", [rows], ("to", OnnxTypes.NumberOf(ScalarType.Float32))), scales]);
    }

    /// <summary>Whole numbers of -127 to 127, and what to multiply them by, with as many dimensions.</summary>
    private static (Tensor Values, Tensor Scale) Rounded(Tensor weight, int keptAxis)
    {
        long[] others = [.. Enumerable.Range(0, (int)weight.dim()).Where(axis => axis != keptAxis)];
        var values = weight.detach().cpu().to_type(ScalarType.Float32);
        using Scalar largest = Largest, least = 1e-20f;
        var scale = values.abs().amax(others, keepdim: true).div(largest).clamp_min(least); // an output without weights
        return (values.div(scale).round(), scale);
    }
}
