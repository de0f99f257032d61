using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>How TorchSharp's own layers become ONNX nodes.</summary>
internal static class OnnxLayers
{
    public static string Emit(OnnxGraph graph, nn.Module<Tensor, Tensor> module, string input) => module switch
    {
        TorchSharp.Modules.Convolution
        {
            transposed: false, padding: { } padding, padding_mode: TorchSharp.PaddingModes.Zeros, groups: 1,
        } convolution when Array.TrueForAll(convolution.dilation, d => d == 1) =>
            Convolution(graph, input, convolution.weight, convolution.bias, convolution.stride, padding),
        Linear linear => Affine(graph, input, linear),
        LayerNorm norm => graph.Node(
            "LayerNormalization", [input, graph.Weight("weight", norm.weight!), graph.Weight("bias", norm.bias!)], ("axis", -1L), ("epsilon", norm.eps)),
        GroupNorm norm => GroupNormalization(graph, input, norm),
        ReLU => graph.Node("Relu", [input]),
        Sequential sequence => sequence.named_children().Aggregate(
            input, (value, part) => graph.Emit(part.name, (nn.Module<Tensor, Tensor>)part.module, value)),
        _ => throw new ConfigurationException(
            $"{module.GetName()} has no ONNX form: a backbone of your own says how its layers are exported by implementing {nameof(IOnnxModule)}."),
    };

    /// <summary>A convolution with symmetric zero padding.</summary>
    public static string Convolution(OnnxGraph graph, string input, Tensor weight, Tensor? bias, long[] stride, long[] padding)
    {
        string filters = graph.IsQuantised ? OnnxQuantisation.Filters(graph, "weight", weight) : graph.Weight("weight", weight);
        string[] weights = bias is null ? [filters] : [filters, graph.Weight("bias", bias)];
        return graph.Node("Conv", [input, .. weights],
            ("kernel_shape", weight.shape[2..]), ("strides", stride), ("pads", (long[])[.. padding, .. padding]));
    }

    /// <summary>Rows of a table by their numbers.</summary>
    public static string Rows(OnnxGraph graph, string name, Tensor table, string numbers) => graph.IsQuantised
        ? OnnxQuantisation.Rows(graph, name, table, numbers)
        : graph.Node("Gather", [graph.Weight(name, table), numbers]);

    /// <summary>The mean over all but the first two dimensions, [N, channels].</summary>
    public static string MeanOfPlanes(OnnxGraph graph, string input) =>
        graph.Node("Flatten", [graph.Node("GlobalAveragePool", [input])], ("axis", 1L));

    /// <summary>GELU by the error function: ONNX has it as one operator from version 20 on only.</summary>
    public static string Gelu(OnnxGraph graph, string input)
    {
        string error = graph.Node("Erf", [graph.Node("Mul", [input, graph.Number(Math.Sqrt(0.5))])]);
        string share = graph.Node("Mul", [graph.Node("Add", [error, graph.Number(1)]), graph.Number(0.5)]);
        return graph.Node("Mul", [input, share]);
    }

    /// <summary>Attention of several heads.</summary>
    /// <param name="graph">Where it goes.</param>
    /// <param name="query">[N, heads, tokens, width of a head], as are <paramref name="key"/> and <paramref name="value"/>.</param>
    /// <param name="key">What queries are compared with.</param>
    /// <param name="value">What is mixed.</param>
    /// <param name="headWidth">Width of a head.</param>
    /// <param name="width">Width of a token.</param>
    /// <param name="bias">[N, 1, 1, tokens], added to how alike tokens are; null: nothing.</param>
    /// <returns>[N, tokens, width].</returns>
    public static string Attention(OnnxGraph graph, string query, string key, string value, long headWidth, long width, string? bias = null)
    {
        string scaled = graph.Node("Mul", [query, graph.Number(1 / Math.Sqrt(headWidth))]);
        string likeness = graph.Node("MatMul", [scaled, graph.Node("Transpose", [key], ("perm", (long[])[0, 1, 3, 2]))]);
        string biased = bias is null ? likeness : graph.Node("Add", [likeness, bias]);
        string mixed = graph.Node("MatMul", [graph.Node("Softmax", [biased], ("axis", -1L)), value]);
        return graph.Node("Reshape", [graph.Node("Transpose", [mixed], ("perm", (long[])[0, 2, 1, 3])), graph.Integers(0, 0, width)]);
    }

    private static string Affine(OnnxGraph graph, string input, Linear linear)
    {
        using var transposed = linear.weight!.t();
        string product = graph.IsQuantised
            ? OnnxQuantisation.Product(graph, input, "weight", transposed)
            : graph.Node("MatMul", [input, graph.Weight("weight", transposed)]);
        return linear.bias is null ? product : graph.Node("Add", [product, graph.Weight("bias", linear.bias)]);
    }

    /// <summary>By instance normalisation of the groups: ONNX's own group normalisation differs between operator versions.</summary>
    private static string GroupNormalization(OnnxGraph graph, string input, GroupNorm norm)
    {
        using var scope = NewDisposeScope();
        string groups = graph.Node("Reshape", [input, graph.Integers(0, norm.num_groups, -1)]);
        string normalised = graph.Node("InstanceNormalization",
            [groups, graph.Weight("unit_scale", ones(norm.num_groups)), graph.Weight("no_offset", zeros(norm.num_groups))], ("epsilon", norm.eps));
        string restored = graph.Node("Reshape", [normalised, graph.Node("Shape", [input])]);
        string scaled = graph.Node("Mul", [restored, graph.Weight("weight", norm.weight!.view(-1, 1, 1))]);
        return graph.Node("Add", [scaled, graph.Weight("bias", norm.bias!.view(-1, 1, 1))]);
    }
}
