namespace ByolSharp.Optimizers;

/// <summary>
/// LARS as in the authors' code (reference: You et al. 2017; Grill et al. 2020, section 3.3): the ratio is eta ||p|| / ||g + wd p||, or 1 where
/// one of the two is zero. There is no Nesterov step and no epsilon.
/// </summary>
internal sealed class Lars(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
    : HeavyBall(arena, options, learningRateScale)
{
    private protected override double RatioOf(Func<(double Parameter, double Gradient, double Update)> norms)
    {
        var (parameter, gradient, update) = norms();
        double below = Options.LarsFormula == LarsFormula.Official ? update : gradient + Options.WeightDecay * parameter + 1e-9;
        return parameter > 0 && below > 0 ? Options.TrustCoefficient * parameter / below : 1;
    }
}
