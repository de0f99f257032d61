namespace ByolSharp.Training;

/// <summary>A figure over the steps of a training.</summary>
/// <param name="Key">Its key in metrics.jsonl.</param>
/// <param name="Points">Step and value, in the order of the steps; all finite.</param>
internal sealed record Curve(string Key, IReadOnlyList<CurvePoint> Points)
{
    /// <summary>The value of the last step that has one.</summary>
    internal double Last => Points[^1].Value;

    /// <summary>The value in the middle of all.</summary>
    internal double Median => Points.Select(p => p.Value).Order().ElementAt(Points.Count / 2);

    /// <summary>
    /// A curve that looks the same with fewer points: of each stretch of steps the lowest and the highest value stay, so that no peak is lost.
    /// </summary>
    /// <param name="most">Points to keep at most, at least 4.</param>
    internal Curve Thinned(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 4);
        if (Points.Count <= most)
        {
            return this;
        }
        int stretches = (most - 2) / 2;
        var inner = Enumerable.Range(0, stretches).SelectMany(s => Extremes(
            1 + (int)((long)s * (Points.Count - 2) / stretches), 1 + (int)((long)(s + 1) * (Points.Count - 2) / stretches)));
        return this with { Points = [Points[0], .. inner, Points[^1]] };
    }

    /// <summary>Means over a fortieth of the points around each: the trend of a figure that differs from batch to batch.</summary>
    internal Curve Smoothed()
    {
        int reach = Points.Count / 80;
        double[] sums = new double[Points.Count + 1];
        for (int i = 0; i < Points.Count; i++)
        {
            sums[i + 1] = sums[i] + Points[i].Value;
        }
        return this with { Points = [.. Points.Select((p, i) => p with { Value = Mean(Math.Max(0, i - reach), Math.Min(Points.Count, i + reach + 1)) })] };

        double Mean(int from, int to) => (sums[to] - sums[from]) / (to - from);
    }

    private IEnumerable<CurvePoint> Extremes(int from, int to)
    {
        int low = from, high = from;
        for (int i = from; i < to; i++)
        {
            low = Points[i].Value < Points[low].Value ? i : low;
            high = Points[i].Value > Points[high].Value ? i : high;
        }
        yield return Points[Math.Min(low, high)];
        if (low != high)
        {
            yield return Points[Math.Max(low, high)];
        }
    }
}

/// <summary>A value of a curve.</summary>
internal readonly record struct CurvePoint(long Step, double Value);
