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
        if (IsAdapted(segment))
        {
            p.mul_(1 - learningRate * Options.WeightDecay);
        }
        mean.mul_(Options.Momentum).add_(g, alpha: 1 - Options.Momentum);
        square.mul_(Options.Beta2).addcmul_(g, g, 1 - Options.Beta2);
        double meanCorrection = 1 - Math.Pow(Options.Momentum, StepCount);
        double squareCorrection = 1 - Math.Pow(Options.Beta2, StepCount);
        var denominator = square.sqrt().mul_(1 / Math.Sqrt(squareCorrection)).add_(Epsilon);
        p.addcdiv_(mean, denominator, -learningRate / meanCorrection);
    }
}
