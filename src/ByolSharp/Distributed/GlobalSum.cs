using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>The sum of a tensor over all replicas, with its gradient: the sum over the losses of all replicas.</summary>
internal sealed class GlobalSum : autograd.SingleTensorFunction<GlobalSum>
{
    private const string ReplicasKey = "replicas";

    /// <inheritdoc />
    public override string Name => nameof(GlobalSum);

    /// <summary>The sum; the tensor itself where there is one replica.</summary>
    internal static Tensor Of(Tensor values, IReplicas replicas) => replicas.Count == 1 ? values : apply(values, replicas);

    /// <inheritdoc />
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var replicas = (IReplicas)vars[1];
        ctx.save_data(ReplicasKey, replicas);
        return Summed((Tensor)vars[0], replicas);
    }

    /// <inheritdoc />
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
        [Summed(grad_output, (IReplicas)ctx.get_data(ReplicasKey)), null!];

    private static Tensor Summed(Tensor values, IReplicas replicas)
    {
        var sum = values.detach().clone();
        replicas.Sum(sum);
        return sum;
    }
}
