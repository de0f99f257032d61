using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Distributed;

/// <summary>
/// Mean and biased variance of each channel over the samples of all replicas, with exact gradients. The sums that meet are double: a variance out of
/// single-precision sums of squares would lose its digits.
/// </summary>
internal sealed class GlobalMoments : autograd.MultiTensorFunction<GlobalMoments>
{
    private const string ReplicasKey = "replicas", CountKey = "count";

    /// <inheritdoc />
    public override string Name => nameof(GlobalMoments);

    /// <summary>Mean [C], variance [C] and the number of values that each is of.</summary>
    /// <param name="input">[N, C, ...].</param>
    /// <param name="replicas">Who else has a part of the batch.</param>
    internal static (Tensor Mean, Tensor Variance, double Count) Of(Tensor input, IReplicas replicas)
    {
        double count = (double)replicas.Count * (input.numel() / input.shape[1]); // the parts are equal
        var moments = apply(input, replicas, count);
        return (moments[0], moments[1], count);
    }

    /// <inheritdoc />
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (input, replicas, count) = ((Tensor)vars[0], (IReplicas)vars[1], (double)vars[2]);
        using var scope = NewDisposeScope();
        long channels = input.shape[1];
        Tensor mean = zeros(channels, device: input.device), variance = zeros(channels, device: input.device);
        // With momentum 1 the "running" statistics are the part's own, by the fastest kernel there is; the variance is unbiased.
        _ = nn.functional.batch_norm(input, mean, variance, null, null, training: true, momentum: 1);
        double part = count / replicas.Count;
        using Scalar partLength = part, spread = part - 1, share = 1 / count;
        var wide = mean.to(ScalarType.Float64);
        var sums = cat([wide.mul(partLength), variance.to(ScalarType.Float64).mul(spread).add(wide.pow(Scalars.Two), partLength)]);
        replicas.Sum(sums);
        var means = sums.mul_(share).view(2, channels);
        mean = means[0].to(ScalarType.Float32);
        variance = (means[1] - means[0].pow(Scalars.Two)).to(ScalarType.Float32);
        ctx.save_for_backward([input, mean]);
        ctx.save_data(ReplicasKey, replicas);
        ctx.save_data(CountKey, count);
        return [mean.MoveToOuterDisposeScope(), variance.MoveToOuterDisposeScope()];
    }

    /// <summary>Each sample moves the mean by 1 / count and the variance by 2 (x - mean) / count, for the losses of all replicas.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        var saved = ctx.get_saved_variables();
        var (input, mean) = (saved[0], saved[1]);
        var replicas = (IReplicas)ctx.get_data(ReplicasKey);
        using var scope = NewDisposeScope();
        using Scalar share = 1 / (double)ctx.get_data(CountKey), twice = 2;
        var gradients = stack(grad_outputs).contiguous();
        replicas.Sum(gradients);
        gradients.mul_(share);
        var slope = gradients[1].mul(twice);
        var offset = gradients[0] - slope * mean;
        // An affine map of each channel in one pass, in the layout and precision of the input.
        var result = nn.functional.batch_norm(input, zeros_like(mean), ones_like(mean), slope, offset, training: false, eps: 0);
        return [result.MoveToOuterDisposeScope(), null!, null!];
    }
}
