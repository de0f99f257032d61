using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Optimizers;

/// <summary>
/// LARS as in the authors' code (reference: You et al. 2017; Grill et al. 2020, section 3.3): for weights
/// u = (g + wd p) eta ||p|| / ||g + wd p||, for biases and normalisation parameters u = g; then mu = m mu + u, p = p - lr mu.
/// The learning rate stays outside the momentum buffer; there is no Nesterov step and no epsilon.
/// </summary>
internal sealed class Lars : Optimizer
{
    private readonly Tensor _momentum;

    internal Lars(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
        : base(arena, options, learningRateScale) => _momentum = AddState("momentum");

    private protected override void Update(ArenaSegment segment, double learningRate)
    {
        var p = Values(segment);
        var g = Gradient(segment);
        var mu = _momentum.narrow(0, segment.Offset, segment.Length);
        using Scalar minusRate = -learningRate;
        mu.mul_(MomentumScalar);
        if (IsAdapted(segment))
        {
            var u = g.add(p, WeightDecayScalar);
            using Scalar ratio = TrustRatio(p.norm().item<float>(), g, u);
            mu.add_(u, ratio);
        }
        else
        {
            mu.add_(g, One);
        }
        p.add_(mu, minusRate);
    }

    private double TrustRatio(double parameterNorm, Tensor gradient, Tensor update)
    {
        double updateNorm = Options.LarsFormula == LarsFormula.Official
            ? update.norm().item<float>()
            : gradient.norm().item<float>() + Options.WeightDecay * parameterNorm + 1e-9;
        return parameterNorm > 0 && updateNorm > 0 ? Options.TrustCoefficient * parameterNorm / updateNorm : 1;
    }
}
