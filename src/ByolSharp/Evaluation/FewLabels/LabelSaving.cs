using System.Globalization;

namespace ByolSharp.Evaluation.FewLabels;

/// <summary>How many labels pre-training saved at one share of the labels.</summary>
/// <param name="Share">Share of the labels.</param>
/// <param name="LabelCount">Labels.</param>
/// <param name="Top1">What the better of our rungs reaches with them.</param>
/// <param name="Needed">
/// Labels with which training from scratch reaches the same: its accuracies are joined by straight lines over the logarithm of the labels, and
/// more labels never count for less. Infinite where it does not reach that with all labels given.
/// </param>
/// <param name="All">All labels that were given.</param>
/// <param name="Interval">Interval of <see cref="Factor"/>; its upper end may be infinite.</param>
public sealed record LabelSaving(double Share, int LabelCount, double Top1, double Needed, int All, ConfidenceInterval Interval)
{
    private const double LeastFactor = 1.05;

    /// <summary>How many times fewer labels; 1 where none were saved.</summary>
    public double Factor => FactorOf(Needed, LabelCount);

    internal static LabelSaving Of(LadderTable table, LadderResampling resampling, string[] scratch, string[] ours, double share)
    {
        int count = table.LabelCount(share);
        return new(
            share, count, table.Best(ours, share), NeededOf(table), table.LabelCount(table.Shares[^1]),
            resampling.IntervalOf(draw => FactorOf(NeededOf(draw), count)));

        double NeededOf(LadderMeans means) => Curve(
            [.. table.Shares.Select(s => (double)table.LabelCount(s))],
            [.. means.Shares.Select(s => means.Best(scratch, s))],
            means.Best(ours, share));
    }

    /// <summary>The labels at which a curve of accuracies first reaches one of them; the first labels where it does so from the start.</summary>
    internal static double Curve(double[] labels, double[] accuracies, double sought)
    {
        if (accuracies[0] >= sought)
        {
            return labels[0];
        }
        for (int i = 1; i < labels.Length; i++)
        {
            if (accuracies[i] >= sought)
            {
                double low = accuracies[..i].Max(), part = (sought - low) / (accuracies[i] - low);
                return labels[i - 1] * Math.Pow(labels[i] / labels[i - 1], part);
            }
        }
        return double.PositiveInfinity;
    }

    /// <summary>One sentence for people.</summary>
    public override string ToString()
    {
        string with = $"With {Percent(Share)} of the labels ({Number(LabelCount)}) pre-training reaches {Percent(Top1)}";
        if (double.IsPositiveInfinity(Needed))
        {
            return Share >= 1 || LabelCount >= All
                ? $"{with}, which training from scratch does not reach with the same labels; how many it would need cannot be said."
                : $"{with}, which training from scratch does not reach with all {Number(All)}: more than {Times((double)All / LabelCount)} times fewer labels.";
        }
        return Factor < LeastFactor
            ? $"Pre-training saved nothing: with {Percent(Share)} of the labels ({Number(LabelCount)}) it reaches {Percent(Top1)}, and training from scratch does as well."
            : $"{with}, for which training from scratch needs {Percent(Share * Factor)} ({Number(Needed)}): {Times(Factor)} times fewer labels "
                + $"({Interval.Confidence:0%} interval {Times(Interval.Low)} to {(double.IsPositiveInfinity(Interval.High) ? $"more than {Times((double)All / LabelCount)}" : Times(Interval.High))}).";
    }

    private static double FactorOf(double needed, int labels) => Math.Max(1, needed / labels);

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + "%";

    private static string Number(double count) => Math.Round(count).ToString("N0", CultureInfo.InvariantCulture);

    private static string Times(double factor) => factor.ToString(factor < 10 ? "0.#" : "0", CultureInfo.InvariantCulture);
}
