using ByolSharp.Export.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>What all residual networks over clips do: a stem, one block after the other, the mean over time and space.</summary>
/// <param name="name">For messages.</param>
public abstract class ResidualVideoNetwork(string name) : Backbone(name), IOnnxModule
{
    private protected nn.Module<Tensor, Tensor> Stem { get; init; } = null!;

    private protected List<nn.Module<Tensor, Tensor>> Blocks { get; } = [];

    /// <inheritdoc />
    internal sealed override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => Blocks;

    /// <inheritdoc />
    public sealed override Tensor forward(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        return BlockChain.Run(Blocks, Stem.call(ChannelsLast.Ensure(views))).mean([2, 3, 4]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input)
    {
        var names = named_modules().ToDictionary(part => part.module, part => part.name);
        string y = Blocks.Prepend(Stem).Aggregate(input, (value, part) => graph.Emit(names[part], part, value));
        return OnnxLayers.MeanOfPlanes(graph, y);
    }

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected sealed override void RegisterComponents() { }
}
