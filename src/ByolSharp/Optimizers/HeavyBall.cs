using TorchSharp;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace ByolSharp.Optimizers;

/// <summary>
/// Gradient descent with momentum: u = r (g + wd p), mu = m mu + u, p = p - lr mu, where the ratio r is the derived class's. The learning rate
/// stays outside the momentum buffer. Biases and normalisation parameters have r = 1 and wd = 0. With Nesterov's step p = p - lr (u + m mu).
/// </summary>
internal abstract class HeavyBall : Optimizer
{
    private readonly Tensor _momentum;

    private protected HeavyBall(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
        : base(arena, options, learningRateScale) => _momentum = AddState("momentum");

    /// <summary>r of a parameter that weight decay applies to.</summary>
    /// <param name="norms">Gives the l2 norms ||p||, ||g|| and ||g + wd p||.</param>
    private protected abstract double RatioOf(Func<(double Parameter, double Gradient, double Update)> norms);

    private protected sealed override void Update(ArenaSegment segment, double learningRate)
    {
        var (p, u) = (Values(segment), Gradient(segment));
        using Scalar minusRate = -learningRate;
        double ratio = 1;
        if (IsAdapted(segment))
        {
            var g = u;
            u = Options.WeightDecay > 0 ? g.add(p, WeightDecayScalar) : g;
            ratio = RatioOf(() => (p.norm().item<float>(), g.norm().item<float>(), u.norm().item<float>()));
        }
        using Scalar ratioScalar = ratio;
        var mu = _momentum.narrow(0, segment.Offset, segment.Length);
        mu.mul_(MomentumScalar).add_(u, ratioScalar);
        p.add_(Options.Nesterov ? mu.mul(MomentumScalar).add_(u, ratioScalar) : mu, minusRate);
    }

    private protected sealed override BlockWork UpdateOf(ArenaSegment segment, double learningRate)
    {
        FlatMemory values = ValueMemory, gradients = GradientMemory, momentum = new(_momentum);
        bool isAdapted = IsAdapted(segment);
        float decay = isAdapted ? (float)Options.WeightDecay : 0, kept = (float)Options.Momentum, minusRate = (float)-learningRate;
        float ratio = isAdapted ? (float)RatioOf(() => NormsOf(segment, decay)) : 1;
        bool nesterov = Options.Nesterov;
        return (offset, length) =>
        {
            Span<float> p = values.Slice(offset, length), mu = momentum.Slice(offset, length), u = stackalloc float[length];
            TensorPrimitives.MultiplyAdd(p, decay, gradients.Slice(offset, length), u);
            TensorPrimitives.Multiply(mu, kept, mu);
            TensorPrimitives.MultiplyAdd(u, ratio, mu, mu);
            if (nesterov)
            {
                TensorPrimitives.MultiplyAdd(u, minusRate * ratio, p, p);
                TensorPrimitives.MultiplyAdd(mu, minusRate * kept, p, p);
            }
            else
            {
                TensorPrimitives.MultiplyAdd(mu, minusRate, p, p);
            }
        };
    }

    private (double Parameter, double Gradient, double Update) NormsOf(ArenaSegment segment, float decay)
    {
        FlatMemory values = ValueMemory, gradients = GradientMemory;
        double[] squares = BlockLoop.Sum(segment, 3, (offset, length, sums) =>
        {
            Span<float> p = values.Slice(offset, length), g = gradients.Slice(offset, length), u = stackalloc float[length];
            TensorPrimitives.MultiplyAdd(p, decay, g, u);
            sums[0] = TensorPrimitives.SumOfSquares<float>(p);
            sums[1] = TensorPrimitives.SumOfSquares<float>(g);
            sums[2] = TensorPrimitives.SumOfSquares<float>(u);
        });
        return (Math.Sqrt(squares[0]), Math.Sqrt(squares[1]), Math.Sqrt(squares[2]));
    }
}
