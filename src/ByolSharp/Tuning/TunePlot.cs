using ScottPlot;

namespace ByolSharp.Tuning;

/// <summary>Draws a search: the figure of every trial along its training.</summary>
public static class TunePlot
{
    private const int Width = 900, Height = 560;
    private const float Thin = 1.2f, Thick = 3;

    /// <summary>Writes a PNG file.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="folder">The folder of the search.</param>
    /// <param name="result">How it ended.</param>
    public static void Write(string file, string folder, TuneResult result)
    {
        var score = ScoreKey.Parse(result.State.Options.Score);
        using var plot = new Plot();
        foreach (var trial in result.Ranking.Reverse())
        {
            var curve = new TrialMetrics(Path.Combine(TuneTrial.PathOf(folder, trial), "metrics.jsonl")).Curve(score.Key).ToList();
            var line = plot.Add.Scatter(curve.Select(p => (double)p.Step).ToArray(), curve.Select(p => p.Value).ToArray());
            (line.LineWidth, line.MarkerSize, line.Color, line.LegendText) = trial switch
            {
                _ when trial == result.Winner => (Thick, 7, Colors.C3, trial.Number == 0 ? "winner: the preset" : $"winner: trial {trial.Number}"),
                { Number: 0 } => (Thick, 7, Colors.C0, "the preset"),
                { Failure.Length: > 0 } => (Thin, 4, Colors.Gray.WithAlpha(0.8), ""),
                _ => (Thin, 4, Colors.C0.WithAlpha(0.35), ""),
            };
        }
        foreach (long rung in result.Plan.Rungs)
        {
            plot.Add.VerticalLine(rung, 1, Colors.Gray, LinePattern.Dotted);
        }
        plot.Title($"{result.State.Trials.Count} trials, {result.State.Options.Base.Preset}");
        plot.XLabel("step (dotted: rungs)");
        plot.YLabel(score.Key);
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(file, Width, Height);
    }
}
