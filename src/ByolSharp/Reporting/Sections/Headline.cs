using System.Globalization;

namespace ByolSharp.Reporting.Sections;

/// <summary>What the run is and how it went, in one screen.</summary>
internal static class Headline
{
    /// <summary>The part above all of one run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="missing">What the report could not show, a line each.</param>
    internal static Html Of(RunRecord run, IReadOnlyList<string> missing)
    {
        var verdict = run.Verdict is { } judged ? VerdictWords.Of(judged) : null;
        return Html.Of($"""
            <header>
            <p class="kicker">ByolSharp report</p>
            <h1>{run.Name}</h1>
            <p class="lead">{Summary(run)}</p>
            {(verdict is null ? Html.Empty : Verdict(verdict, run.Verdict!.Reason))}
            <dl class="facts">{Facts(run).Select(Fact)}</dl>
            {(missing.Count == 0 ? Html.Empty : Html.Of($"<div class=\"missing\"><strong>Not in this report</strong><ul>{missing.Select(m => Html.Of($"<li>{m}</li>"))}</ul></div>"))}
            <noscript><p class="missing">Plots and the map need JavaScript: open this file in a browser. Tables and pictures are complete without.</p></noscript>
            </header>
            """);
    }

    /// <summary>One sentence about a run.</summary>
    internal static string Summary(RunRecord run)
    {
        string network = run.Configuration.Values.GetValueOrDefault("backbone.name", "encoder");
        string preset = run.Configuration.Preset.Length > 0 ? $" (preset {run.Configuration.Preset})" : "";
        string data = SamplesOf(run) is { } samples ? string.Create(CultureInfo.InvariantCulture, $" on {samples:N0} unlabelled samples") : "";
        return $"{network}{preset}, pre-trained with BYOL{data}.{Progress(run)}";
    }

    /// <summary>Samples a second, in the middle of the log.</summary>
    internal static string Speed(RunRecord run) => run.Metrics["samples_per_second"] is { } speed ? MetricStyle.Number(Math.Round(speed.Median)) : "";

    /// <summary>Hours and minutes, or minutes and seconds.</summary>
    internal static string Time(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours} h {time.Minutes} min")
        : time.TotalMinutes >= 1 ? $"{time.Minutes} min {time.Seconds} s" : $"{time.Seconds} s";

    private static string Progress(RunRecord run) => run.PlannedSteps is { } planned && run.Metrics.Steps < planned
        ? string.Create(CultureInfo.InvariantCulture, $" Stopped after step {run.Metrics.Steps:N0} of {planned:N0}.")
        : "";

    private static double? SamplesOf(RunRecord run) => run.Metrics is { Epochs: > 0 } metrics && run.Configuration.Options is { } options
        ? Math.Round(metrics.Steps * options.Trainer.BatchSize / metrics.Epochs)
        : null;

    private static Html Verdict(VerdictWords words, string reason) => Html.Of($"""
        <div class="verdict {words.Tone}" id="verdict"><strong>{words.Title}</strong>
        <p>{words.Meaning}</p>{(words.Next.Length == 0 ? Html.Empty : Html.Of($"<p><b>What to do next.</b> {words.Next}</p>"))}
        <p class="small">{reason}</p></div>
        """);

    private static IEnumerable<(string Name, string Value, string Note)> Facts(RunRecord run)
    {
        var metrics = run.Metrics;
        foreach (var evaluation in run.Evaluations.Where(e => e.Top1 is not null))
        {
            yield return ($"{evaluation.Name} top-1", EvaluationFile.Text("top1", evaluation.Figures["top1"]), evaluation.NTest is { } n ? $"{MetricStyle.Number(n)} test samples" : "");
        }
        if (metrics["knn_top1"] is { } knn)
        {
            yield return ("online kNN top-1", MetricStyle.Of("knn_top1").Text(knn.Last), $"at step {MetricStyle.Number(knn.Points[^1].Step)}");
        }
        if (metrics["loss"] is { } loss)
        {
            yield return ("loss", MetricStyle.Number(loss.Last), $"from {MetricStyle.Number(loss.Points[0].Value)}");
        }
        yield return ($"{(run.Configuration.Options?.Data.Kind ?? DataKind.Images).Samples()} a second", Speed(run), "median of the log");
        yield return ("length", string.Create(CultureInfo.InvariantCulture, $"{metrics.Steps:N0}"), string.Create(CultureInfo.InvariantCulture, $"steps, {metrics.Epochs:0.#} epochs"));
        yield return ("training time", Time(metrics.Time), run.Environment?["cpu"]?.ToString() ?? "");
    }

    private static Html Fact((string Name, string Value, string Note) fact) => fact.Value.Length == 0
        ? Html.Empty
        : Html.Of($"<div><dt>{fact.Name}</dt><dd>{fact.Value}</dd><dd class=\"small\">{fact.Note}</dd></div>");
}
