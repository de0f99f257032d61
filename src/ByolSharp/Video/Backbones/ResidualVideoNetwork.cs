using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>What all residual networks over clips do: a stem, one block after the other, the mean over time and space.</summary>
/// <param name="name">For messages.</param>
public abstract class ResidualVideoNetwork(string name) : Backbone(name)
{
    private protected nn.Module<Tensor, Tensor> Stem { get; init; } = null!;

    private protected List<nn.Module<Tensor, Tensor>> Blocks { get; } = [];

    /// <inheritdoc />
    public sealed override Tensor forward(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        return BlockChain.Run(Blocks, Stem.call(views)).mean([2, 3, 4]).MoveToOuterDisposeScope();
    }

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected sealed override void RegisterComponents() { }
}
