using ByolSharp.Export.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>What all residual networks do with a view: the stem, group after group of blocks, and the mean over the image.</summary>
/// <param name="Convolution">The stem's convolution.</param>
/// <param name="Norm">Its normalisation.</param>
/// <param name="Pools">Whether max pooling (3x3, stride 2) follows.</param>
internal sealed record ResidualTrunk(nn.Module<Tensor, Tensor> Convolution, nn.Module<Tensor, Tensor> Norm, bool Pools)
{
    /// <summary>The groups of blocks, in their order.</summary>
    public List<ResidualBlock[]> Groups { get; } = [];

    /// <summary>Representations of views.</summary>
    public Tensor Forward(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        return BlockChain.Run(Groups.SelectMany(group => group), Stem(views)).mean([2, 3]).MoveToOuterDisposeScope();
    }

    private Tensor Stem(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor y = Norm.call(Convolution.call(ChannelsLast.Ensure(views))).relu_();
        return (Pools ? nn.functional.max_pool2d(y, kernel_size: 3, stride: 2, padding: 1) : y).MoveToOuterDisposeScope();
    }

    /// <summary>The same as ONNX nodes.</summary>
    public string EmitOnnx(OnnxGraph graph, string views)
    {
        string y = graph.Node("Relu", [graph.Emit("bn1", Norm, graph.Emit("conv1", Convolution, views))]);
        if (Pools)
        {
            y = graph.Node("MaxPool", [y], ("kernel_shape", (long[])[3, 3]), ("strides", (long[])[2, 2]), ("pads", (long[])[1, 1, 1, 1]));
        }
        for (int group = 0; group < Groups.Count; group++)
        {
            for (int i = 0; i < Groups[group].Length; i++)
            {
                y = graph.Emit($"layer{group + 1}.{i}", Groups[group][i], y);
            }
        }
        return OnnxLayers.MeanOfPlanes(graph, y);
    }
}
