using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Export.Onnx;

/// <summary>How TorchSharp's own layers become ONNX nodes.</summary>
internal static class OnnxLayers
{
    public static string Emit(OnnxGraph graph, nn.Module<Tensor, Tensor> module, string input) => module switch
    {
        Conv2d { padding: { } padding, padding_mode: TorchSharp.PaddingModes.Zeros, dilation: [1, 1], groups: 1 } convolution =>
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
        string[] weights = bias is null ? [graph.Weight("weight", weight)] : [graph.Weight("weight", weight), graph.Weight("bias", bias)];
        return graph.Node("Conv", [input, .. weights],
            ("kernel_shape", weight.shape[2..]), ("strides", stride), ("pads", (long[])[.. padding, .. padding]));
    }

    private static string Affine(OnnxGraph graph, string input, Linear linear)
    {
        using var transposed = linear.weight!.t();
        string product = graph.Node("MatMul", [input, graph.Weight("weight", transposed)]);
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
