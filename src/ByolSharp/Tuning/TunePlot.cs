using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace ByolSharp.Tuning;

/// <summary>Draws a search: the figure of every trial at the rungs that it reached.</summary>
public static class TunePlot
{
    private const int Width = 900, Height = 560;
    private const double Thin = 1, Thick = 3;
    private static readonly OxyColor Other = OxyColor.FromAColor(110, OxyColors.SteelBlue);

    /// <summary>Writes an SVG file, which needs no fonts on this machine.</summary>
    /// <param name="file">Where to.</param>
    /// <param name="result">How it ended.</param>
    public static void Write(string file, TuneResult result)
    {
        var score = ScoreKey.Parse(result.State.Options.Score);
        string best = result.Winner.Number == 0 ? "red: the preset's own setting is best" : $"red: trial {result.Winner.Number} is best, dark blue: the preset's own setting";
        var plot = new PlotModel { Title = $"{result.State.Trials.Count} trials from {result.State.Options.Base.Preset}; {best}", TitleFontSize = 14, DefaultFont = "Arial" };
        plot.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Bottom, Title = "steps of a training", MinimumPadding = 0.05, MaximumPadding = 0.05 });
        plot.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Title = score.Key, AxisTitleDistance = 16, MajorGridlineStyle = LineStyle.Dot });
        foreach (var trial in result.Ranking.Reverse())
        {
            var line = LineOf(trial, result);
            line.Points.AddRange(trial.Scores.Select((s, rung) => new DataPoint(result.Plan.Rungs[rung], score.ValueOf(s))));
            plot.Series.Add(line);
        }
        using var stream = File.Create(file);
        new SvgExporter { Width = Width, Height = Height }.Export(plot, stream);
    }

    private static LineSeries LineOf(Trial trial, TuneResult result)
    {
        var (color, width) = trial switch
        {
            _ when trial == result.Winner => (OxyColors.Firebrick, Thick),
            { Number: 0 } => (OxyColors.MidnightBlue, Thick),
            _ => (Other, Thin),
        };
        return new() { Color = color, StrokeThickness = width, MarkerType = MarkerType.Circle, MarkerSize = width + 2, MarkerFill = color };
    }
}
