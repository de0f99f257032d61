namespace ByolSharp.Tuning;

/// <summary>
/// Successive halving (Jamieson and Talwalkar 2016): all trials train for a short while, the best of them longer, the last ones in full. The first
/// trial, which has the preset's own setting, always goes on, so that what is found has been compared with it at full length.
/// </summary>
/// <remarks>
/// A rung is a whole training of its own length, not a piece of the full one: while the learning rate is high, representations are worse than they
/// will be, the more so the higher it is, and stopping there chooses the smallest rates (docs/tuning.md has the measurement).
/// </remarks>
public sealed record Halving
{
    /// <summary>Lengths in steps, rising; the last is the full one.</summary>
    public required IReadOnlyList<long> Rungs { get; init; }

    /// <summary>Trials that may train so long, the preset's besides from the second on.</summary>
    public required IReadOnlyList<int> Counts { get; init; }

    /// <summary>Steps of all trainings where the preset's setting never is among the best, which is the dearest case.</summary>
    public long Cost => CostOf(Rungs, Counts);

    /// <summary>Spreads a budget: lengths at equal ratios, the first as long as the budget allows.</summary>
    /// <param name="trials">Number of trials, the preset's included, 1 or more.</param>
    /// <param name="reduction">One in so many goes on, 2 or more.</param>
    /// <param name="fullSteps">Steps of a full training, 1 or more.</param>
    /// <param name="budgetSteps">Steps of all trainings together.</param>
    /// <exception cref="ConfigurationException">The budget is too small.</exception>
    public static Halving Plan(int trials, int reduction, long fullSteps, long budgetSteps)
    {
        int[] counts = [.. CountsOf(trials, reduction)];
        long low = 0, high = fullSteps; // the largest first rung that fits, by bisection: the cost rises with it
        while (low < high)
        {
            long middle = low + (high - low + 1) / 2;
            (low, high) = CostOf(RungsFrom(middle, fullSteps, counts.Length), counts) <= budgetSteps ? (middle, high) : (low, middle - 1);
        }
        return low > 0
            ? new() { Rungs = RungsFrom(low, fullSteps, counts.Length), Counts = counts }
            : throw new ConfigurationException(
                $"{budgetSteps:N0} steps are too few for {trials} trials and a full length of {fullSteps:N0} steps; give more --steps or --time, fewer --trials or a shorter --length.");
    }

    /// <summary>Who trains longer: the best, equals in the order of their numbers, and trial 0.</summary>
    /// <param name="rung">The rung that was done, from 0; not the last.</param>
    /// <param name="scores">Trial and score of all that did it, higher is better; NaN for those that failed, which never go on.</param>
    /// <returns>Trial numbers, rising.</returns>
    public IReadOnlyList<int> Promote(int rung, IReadOnlyDictionary<int, double> scores) =>
        [.. scores.Where(s => !double.IsNaN(s.Value)).OrderByDescending(s => s.Value).ThenBy(s => s.Key).Select(s => s.Key)
            .Where((trial, place) => place < Counts[rung + 1] || trial == 0).Order()];

    private static IEnumerable<int> CountsOf(int trials, int reduction)
    {
        yield return trials;
        while (trials > 1)
        {
            trials = Math.Max(1, trials / reduction);
            yield return trials;
        }
    }

    private static long[] RungsFrom(long first, long fullSteps, int count) =>
        [.. Enumerable.Range(0, count).Select(k => count == 1 ? fullSteps : (long)Math.Round(first * Math.Pow((double)fullSteps / first, k / (count - 1.0))))];

    private static long CostOf(IReadOnlyList<long> rungs, IReadOnlyList<int> counts) =>
        rungs.Select((length, rung) => length * (counts[rung] + (rung > 0 ? 1 : 0))).Sum();
}
