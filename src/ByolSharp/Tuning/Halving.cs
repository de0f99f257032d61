namespace ByolSharp.Tuning;

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016): all trials train to the first rung, the best of them to the next, the last ones to the end. The
/// first trial, which has the preset's own setting, always goes on, so that what is found has been compared with it at full length.
/// </summary>
/// <remarks>
/// Rungs are steps of the full schedule, not trainings of their own length: learning rate and tau depend on the length, and what is best for a tenth
/// of it (a smaller tau, a higher rate) is not what is best for all of it. A trial that goes on continues the same run, so nothing is trained twice.
/// </remarks>
public sealed record Halving
{
    private const int GridParts = 80; // rungs are multiples of the length's 80th, so that what is logged falls on them

    /// <summary>Steps at which trials are compared, rising; the last is the full length.</summary>
    public required IReadOnlyList<long> Rungs { get; init; }

    /// <summary>Trials that may train to each rung, the preset's besides from the second on.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Steps of all trials where the preset's setting never is among the best, which is the dearest case.</summary>
    public long Cost => CostOf(Rungs, Counts);

    /// <summary>Spreads a budget: rungs at equal ratios, the first as late as the budget allows.</summary>
    /// <param name="trials">Number of trials, the preset's included, 1 or more.</param>
    /// <param name="reduction">One in so many goes on, 2 or more.</param>
    /// <param name="fullSteps">Steps of a whole training.</param>
    /// <param name="budgetSteps">Steps of all trials together.</param>
    /// <exception cref="ConfigurationException">The budget is too small.</exception>
    public static Halving Plan(int trials, int reduction, long fullSteps, long budgetSteps)
    {
        int[] counts = [.. CountsOf(trials, reduction)];
        long unit = UnitOf(fullSteps);
        for (long first = counts.Length == 1 ? fullSteps : fullSteps - unit; first >= unit; first -= unit)
        {
            long[] rungs = RungsFrom(first / unit * unit, unit, fullSteps, counts.Length);
            if (rungs.Zip(rungs.Skip(1)).All(pair => pair.First < pair.Second) && CostOf(rungs, counts) <= budgetSteps)
            {
                return new() { Rungs = rungs, Counts = counts };
            }
        }
        throw new ConfigurationException(
            $"{budgetSteps:N0} steps are too few for {trials} trials of {fullSteps:N0} steps at full length; give more --steps or --time, fewer --trials or a shorter --length.");
    }

    /// <summary>The steps that rungs are multiples of.</summary>
    public static long UnitOf(long fullSteps) => Math.Max(1, fullSteps / GridParts);

    /// <summary>Who trains on after a rung: the best, equals in the order of their numbers, and trial 0.</summary>
    /// <param name="rung">The rung, from 0; not the last.</param>
    /// <param name="scores">Trial and score of all that reached it; NaN for those that failed, which never go on.</param>
    /// <returns>Trial numbers, rising.</returns>
    public IReadOnlyList<int> Promote(int rung, IReadOnlyDictionary<int, double> scores) =>
        [.. Ranked(scores).Where((trial, place) => place < Counts[rung + 1] || trial == 0).Order()];

    /// <summary>Trials that did not fail, best first.</summary>
    public static IEnumerable<int> Ranked(IReadOnlyDictionary<int, double> scores) =>
        scores.Where(s => !double.IsNaN(s.Value)).OrderByDescending(s => s.Value).ThenBy(s => s.Key).Select(s => s.Key);

    private static IEnumerable<int> CountsOf(int trials, int reduction)
    {
        yield return trials;
        while (trials > 1)
        {
            trials = Math.Max(1, trials / reduction);
            yield return trials;
        }
    }

    private static long[] RungsFrom(long first, long unit, long fullSteps, int count) =>
        [.. Enumerable.Range(0, count).Select(k => k == count - 1
            ? fullSteps
            : Math.Max(1, (long)Math.Round(first * Math.Pow((double)fullSteps / first, k / (count - 1.0)) / unit)) * unit)];

    private static long CostOf(IReadOnlyList<long> rungs, IReadOnlyList<int> counts)
    {
        long cost = rungs[0] * counts[0];
        for (int k = 1; k < rungs.Count; k++)
        {
            cost += (rungs[k] - rungs[k - 1]) * (counts[k] + 1);
        }
        return cost;
    }
}
