using System.Globalization;

namespace ByolSharp.Reporting.Sections;

/// <summary>Several runs side by side.</summary>
internal static class Comparison
{
    /// <summary>What is compared, with a row for each run.</summary>
    internal static Html Headline(IReadOnlyList<RunRecord> runs) => Html.Of($"""
        <header>
        <p class="kicker">ByolSharp report</p>
        <h1>{runs.Count} runs compared</h1>
        <p class="lead">{string.Join(" · ", runs.Select(r => r.Name))}</p>
        {Tables.Of(["run", "what", "verdict", "steps", "training time", "samples a second"], runs.Select(Row))}
        <noscript><p class="missing">Plots need JavaScript: open this file in a browser. Tables are complete without.</p></noscript>
        </header>
        """);

    /// <summary>The last value of each figure; the runs stand side by side.</summary>
    internal static Html FinalFigures(IReadOnlyList<RunRecord> runs)
    {
        string[] keys = [.. runs.SelectMany(r => r.Metrics.Curves).Select(c => c.Key).Distinct().OrderBy(MetricStyle.OrderOf)];
        return Tables.Of(["last value", .. runs.Select(r => r.Name)], keys.Select(key => (IReadOnlyList<string>)
            [MetricStyle.Of(key).Title, .. runs.Select(r => r.Metrics[key] is { } curve ? MetricStyle.Of(key).Text(curve.Last) : "")]));
    }

    /// <summary>Settings in which the runs differ.</summary>
    internal static Html DifferingSettings(IReadOnlyList<RunRecord> runs)
    {
        var keys = RunConfiguration.DifferingKeys([.. runs.Select(r => r.Configuration)]);
        return keys.Count == 0 ? Html.Of($"<p>The runs have the same settings.</p>") : Tables.Of(
            ["setting", .. runs.Select(r => r.Name)],
            keys.Select(key => (IReadOnlyList<string>)[key, .. runs.Select(r => r.Configuration.Values.GetValueOrDefault(key, ""))]));
    }

    private static IReadOnlyList<string> Row(RunRecord run) =>
    [
        run.Name,
        Sections.Headline.Summary(run),
        run.Verdict is { } verdict ? VerdictWords.Of(verdict).Title : "",
        run.Metrics.Steps.ToString("N0", CultureInfo.InvariantCulture),
        Sections.Headline.Time(run.Metrics.Time),
        Sections.Headline.Speed(run),
    ];
}
