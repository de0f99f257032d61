using ByolSharp.Training;

namespace ByolSharp.Reporting.Sections;

/// <summary>All figures of the log as small plots, grouped; several runs share each plot.</summary>
internal static class CurveGrid
{
    private const int PointsForTrend = 80, PointsOfTrend = 300;

    /// <summary>The plots.</summary>
    /// <param name="runs">One or more runs.</param>
    /// <param name="figures">Takes the plots.</param>
    /// <param name="points">Points that a curve keeps at most.</param>
    internal static Html Of(IReadOnlyList<RunRecord> runs, Figures figures, int points)
    {
        string[] keys = [.. runs.SelectMany(r => r.Metrics.Curves).Select(c => c.Key).Distinct().OrderBy(MetricStyle.OrderOf)];
        var groups = keys.GroupBy(key => MetricStyle.Of(key).Group).OrderBy(g => MetricStyle.Groups.Index().First(i => i.Item == g.Key).Index);
        return Html.Join(groups.Select(group => Html.Of(
            $"<h3>{group.Key}</h3><div class=\"grid\">{group.Select(key => Card(key, runs, figures, points))}</div>")));
    }

    private static Html Card(string key, IReadOnlyList<RunRecord> runs, Figures figures, int points)
    {
        var style = MetricStyle.Of(key);
        var curves = runs.SelectMany(r => r.Metrics[key] is { } curve ? [(r.Name, Curve: curve)] : Array.Empty<(string Name, Curve Curve)>()).ToList();
        var plot = figures.Lines(style.Title, style.IsShare, curves.Select(c => (c.Name, c.Curve.Thinned(points), Trend(style, c.Curve))), Marks(key, runs));
        string last = runs.Count == 1 ? style.Text(curves[0].Curve.Last) : "";
        return Html.Of($"""
            <figure class="card"><figcaption><b>{style.Title}</b><span class="last">{last}</span></figcaption>{plot}<p class="small">{style.About}</p></figure>
            """);
    }

    private static Curve? Trend(MetricStyle style, Curve curve) =>
        style.IsNoisy && curve.Points.Count >= PointsForTrend ? curve.Smoothed().Thinned(PointsOfTrend) : null;

    /// <summary>What is healthy, where it is a number.</summary>
    private static IEnumerable<(string Name, double Value)> Marks(string key, IReadOnlyList<RunRecord> runs) =>
        key == "projection_std" && runs.Select(r => r.Configuration.Options?.Byol.ProjectionSize).Distinct().ToArray() is [{ } size]
            ? [("healthy", 1 / Math.Sqrt(size))]
            : [];
}
