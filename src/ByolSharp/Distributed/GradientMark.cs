using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>A place in the graph that tells when the backward pass comes by: the gradients of everything behind it are whole then.</summary>
internal sealed class GradientMark : autograd.SingleTensorFunction<GradientMark>
{
    private const string ReachedKey = "reached";

    /// <inheritdoc />
    public override string Name => nameof(GradientMark);

    /// <summary>The same values, with a mark behind which the graph goes on.</summary>
    /// <param name="values">What the network has come to.</param>
    /// <param name="reached">Called by the backward pass; must not throw.</param>
    internal static Tensor At(Tensor values, Action reached) => apply(values, reached);

    /// <inheritdoc />
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_data(ReachedKey, vars[1]);
        return ((Tensor)vars[0]).alias();
    }

    /// <inheritdoc />
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        ((Action)ctx.get_data(ReachedKey))();
        return [grad_output.alias(), null!];
    }
}
