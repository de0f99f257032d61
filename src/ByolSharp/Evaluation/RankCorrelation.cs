namespace ByolSharp.Evaluation;

/// <summary>How far two rankings of the same things agree (Spearman 1904).</summary>
public static class RankCorrelation
{
    /// <summary>Spearman's coefficient, -1 to 1; values that are alike share the mean of their ranks. 0 where one of the lists is constant.</summary>
    /// <param name="first">Values, at least two.</param>
    /// <param name="second">As many.</param>
    public static double Spearman(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Count, second.Count, nameof(second));
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Count, 2, nameof(first));
        double[] a = Ranks(first), b = Ranks(second);
        double mean = (a.Length + 1) / 2.0;
        double products = 0, squaresA = 0, squaresB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            products += (a[i] - mean) * (b[i] - mean);
            squaresA += (a[i] - mean) * (a[i] - mean);
            squaresB += (b[i] - mean) * (b[i] - mean);
        }
        return squaresA == 0 || squaresB == 0 ? 0 : products / Math.Sqrt(squaresA * squaresB);
    }

    /// <summary>Ranks from 1, the mean of their places for values that are alike.</summary>
    private static double[] Ranks(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(i => values[i])];
        var ranks = new double[values.Count];
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && values[order[end]] == values[order[start]]; end++)
            {
            }
            for (int i = start; i < end; i++)
            {
                ranks[order[i]] = (start + 1 + end) / 2.0;
            }
        }
        return ranks;
    }
}
