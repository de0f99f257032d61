namespace ByolSharp.Optimizers;

/// <summary>Gradient descent with heavy-ball momentum and nothing else: the ratio is 1.</summary>
internal sealed class Sgd(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
    : HeavyBall(arena, options, learningRateScale)
{
    private protected override double RatioOf(Func<(double Parameter, double Gradient, double Update)> norms) => 1;
}
