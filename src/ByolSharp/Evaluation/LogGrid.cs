namespace ByolSharp.Evaluation;

/// <summary>Settings to choose among, evenly spaced in the logarithm.</summary>
internal static class LogGrid
{
    /// <summary>The values from the first to the last, both included.</summary>
    /// <param name="first">Above 0.</param>
    /// <param name="last">Above 0; may be the smaller one.</param>
    /// <param name="count">Number of values, at least 1; of one the first.</param>
    public static IEnumerable<double> Between(double first, double last, int count)
    {
        double from = Math.Log(first), to = Math.Log(last);
        return Enumerable.Range(0, count).Select(i => Math.Exp(from + (to - from) * i / Math.Max(1, count - 1)));
    }
}
