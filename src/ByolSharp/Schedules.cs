namespace ByolSharp;

/// <summary>A value that depends on the step alone, so that resuming needs no schedule state. Steps count from 0.</summary>
public delegate double Schedule(long step);

/// <summary>The schedules of the paper (section 3.2 and the authors' code).</summary>
public static class Schedules
{
    /// <summary>
    /// Linear warm-up from 0, then one half cosine to 0: lr(0) = 0, lr(<paramref name="warmupSteps"/>) = <paramref name="peak"/>,
    /// lr(<paramref name="totalSteps"/>) = 0. The first step therefore only fills the momentum.
    /// </summary>
    public static Schedule WarmupCosine(double peak, long warmupSteps, long totalSteps)
    {
        CheckSteps(totalSteps);
        if (warmupSteps < 0 || warmupSteps > totalSteps)
        {
            throw new ConfigurationException($"optimizer.warmup: {warmupSteps} steps of warm-up do not fit into {totalSteps} steps; shorten the warm-up.");
        }
        return step => step < warmupSteps
            ? peak * step / warmupSteps
            : 0.5 * peak * (1 + HalfCosine(step - warmupSteps, totalSteps - warmupSteps));
    }

    /// <summary>The same value at every step.</summary>
    public static Schedule Constant(double value) => _ => value;

    /// <summary>
    /// 1 - tau of the target update: tau rises from <paramref name="baseTau"/> to 1 by a half cosine. The complement is
    /// scheduled, not tau, because 1 - tau reaches 1e-13 at the end and would be lost in single precision.
    /// </summary>
    public static Schedule TargetUpdateRate(double baseTau, long totalSteps)
    {
        CheckSteps(totalSteps);
        return step => (1 - baseTau) * (HalfCosine(step, totalSteps) + 1) / 2;
    }

    /// <summary>cos(pi k / K), staying at -1 after the end.</summary>
    private static double HalfCosine(long k, long total) => total == 0 ? -1 : Math.Cos(Math.PI * Math.Min(k, total) / total);

    private static void CheckSteps(long totalSteps)
    {
        if (totalSteps < 1)
        {
            throw new ConfigurationException("trainer.duration: training needs at least one step.");
        }
    }
}
