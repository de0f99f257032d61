using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

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
        var (unbiased, minus) = Corrections(learningRate);
        using Scalar keep = 1 - learningRate * Options.WeightDecay, newMean = 1 - Options.Momentum, oldSquare = Options.Beta2,
            newSquare = 1 - Options.Beta2, unbias = unbiased, epsilon = Epsilon, minusRate = minus;
        if (IsAdapted(segment))
        {
            p.mul_(keep);
        }
        mean.mul_(MomentumScalar).add_(g, newMean);
        square.mul_(oldSquare).addcmul_(g, g, newSquare);
        p.addcdiv_(mean, square.sqrt().mul_(unbias).add_(epsilon, Scalars.One), minusRate);
    }

    private protected override BlockWork UpdateOf(ArenaSegment segment, double learningRate)
    {
        FlatMemory values = ValueMemory, gradients = GradientMemory, means = new(_mean), squares = new(_square);
        var (unbiased, minus) = Corrections(learningRate);
        float keep = IsAdapted(segment) ? (float)(1 - learningRate * Options.WeightDecay) : 1, unbias = (float)unbiased, minusRate = (float)minus;
        float oldMean = (float)Options.Momentum, newMean = (float)(1 - Options.Momentum);
        float oldSquare = (float)Options.Beta2, newSquare = (float)(1 - Options.Beta2);
        return (offset, length) =>
        {
            Span<float> p = values.Slice(offset, length), g = gradients.Slice(offset, length), u = stackalloc float[length];
            Span<float> mean = means.Slice(offset, length), square = squares.Slice(offset, length);
            TensorPrimitives.Multiply(mean, oldMean, mean);
            TensorPrimitives.MultiplyAdd(g, newMean, mean, mean);
            TensorPrimitives.Multiply(g, g, u);
            TensorPrimitives.Multiply(square, oldSquare, square);
            TensorPrimitives.MultiplyAdd(u, newSquare, square, square);
            TensorPrimitives.Sqrt(square, u);
            TensorPrimitives.Multiply(u, unbias, u);
            TensorPrimitives.Add(u, (float)Epsilon, u);
            TensorPrimitives.Divide(mean, u, u);
            TensorPrimitives.Multiply(p, keep, p);
            TensorPrimitives.MultiplyAdd(u, minusRate, p, p);
        };
    }

    /// <summary>Factor on the root of the squares, and minus the learning rate with the correction of the mean.</summary>
    private (double Unbias, double MinusRate) Corrections(double learningRate) =>
        (1 / Math.Sqrt(1 - Math.Pow(Options.Beta2, StepCount)), -learningRate / (1 - Math.Pow(Options.Momentum, StepCount)));
}
