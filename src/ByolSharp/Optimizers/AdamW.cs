using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Optimizers;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019), epsilon 1e-8.</summary>
internal sealed class AdamW : Optimizer
{
    private const double Epsilon = 1e-8;
    private readonly Tensor _mean;
    private readonly Tensor _square;

    internal AdamW(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
        : base(arena, options, learningRateScale)
    {
        _mean = AddState("mean");
        _square = AddState("square");
    }

    private protected override void Update(ArenaSegment segment, double learningRate)
    {
        var p = Values(segment);
        var g = Gradient(segment);
        var mean = _mean.narrow(0, segment.Offset, segment.Length);
        var square = _square.narrow(0, segment.Offset, segment.Length);
        double meanCorrection = 1 - Math.Pow(Options.Momentum, StepCount);
        double squareCorrection = 1 - Math.Pow(Options.Beta2, StepCount);
        using Scalar keep = 1 - learningRate * Options.WeightDecay, newMean = 1 - Options.Momentum, oldSquare = Options.Beta2,
            newSquare = 1 - Options.Beta2, unbias = 1 / Math.Sqrt(squareCorrection), epsilon = Epsilon, minusRate = -learningRate / meanCorrection;
        if (IsAdapted(segment))
        {
            p.mul_(keep);
        }
        mean.mul_(MomentumScalar).add_(g, newMean);
        square.mul_(oldSquare).addcmul_(g, g, newSquare);
        p.addcdiv_(mean, square.sqrt().mul_(unbias).add_(epsilon), minusRate);
    }
}
