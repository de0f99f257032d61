using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Optimizers;

/// <summary>Gradient descent with heavy-ball momentum: mu = m mu + g + wd p, p = p - lr mu.</summary>
internal sealed class Sgd : Optimizer
{
    private readonly Tensor _momentum;

    internal Sgd(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
        : base(arena, options, learningRateScale) => _momentum = AddState("momentum");

    private protected override void Update(ArenaSegment segment, double learningRate)
    {
        var p = Values(segment);
        var mu = _momentum.narrow(0, segment.Offset, segment.Length);
        using Scalar minusRate = -learningRate;
        mu.mul_(MomentumScalar).add_(Gradient(segment), One);
        if (IsAdapted(segment) && Options.WeightDecay > 0)
        {
            mu.add_(p, WeightDecayScalar);
        }
        p.add_(mu, minusRate);
    }
}
