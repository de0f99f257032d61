using ByolSharp.Reporting.Sections;
using ByolSharp.Training;

namespace ByolSharp.Reporting;

/// <summary>Writes what is known of one run, or of several side by side, into one HTML file that needs nothing else.</summary>
public static class RunReport
{
    /// <summary>Writes the report.</summary>
    /// <param name="runs">Run directories; they are only read. Of one run all is shown, of several what compares them.</param>
    /// <param name="file">The HTML file, whole or absent; the same runs and data give the same bytes.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="progress">Told the samples done and all.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/> and leaves no file.</param>
    /// <returns>What could not be shown, a line each; data and encoder may be gone, the log is enough.</returns>
    /// <exception cref="ConfigurationException">A path is no run directory, or an option is out of its range.</exception>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static IReadOnlyList<string> Write(
        IReadOnlyList<string> runs, string file, ReportOptions? options = null,
        IProgress<(int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(runs.Count, nameof(runs));
        options ??= new();
        options.Validate();
        var records = runs.Select(RunRecord.Open).ToList();
        var missing = new MissingParts();
        var page = records.Count > 1 ? Compared(records, options) : OfOne(records[0], options, missing, progress, cancellation);
        try
        {
            RunDirectory.WriteAtomically(file, page.ToString());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write {file}: {error.Message}", error);
        }
        return missing.Lines;
    }

    private static Html Compared(IReadOnlyList<RunRecord> runs, ReportOptions options)
    {
        var figures = new Figures();
        return Page.Of(string.Join(", ", runs.Select(r => r.Name)),
        [
            new("top", "", Comparison.Headline(runs)),
            new("evaluations", "Evaluations", Evaluations.Of(runs)),
            new("figures-table", "Final figures", Comparison.FinalFigures(runs)),
            new("settings", "Settings that differ", Comparison.DifferingSettings(runs)),
            new("curves", "Curves", CurveGrid.Of(runs, figures, options.CurvePoints)),
        ], figures, null);
    }

    private static Html OfOne(
        RunRecord run, ReportOptions options, MissingParts missing, IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        if (run.Configuration.Problem.Length > 0)
        {
            missing.Add("Verdict and all that needs the encoder", run.Configuration.Problem);
        }
        if (run.Metrics.Curves.Count == 0)
        {
            missing.Add("Curves", "metrics.jsonl holds no step");
        }
        using var encoder = ReportEncoder.TryLoad(run, missing);
        using var samples = encoder is null ? null : SamplesOf(run.Configuration.Options!, encoder, missing);
        var study = samples is null ? null : TryStudy(encoder!, samples, options, missing, progress, cancellation);
        var figures = new Figures();
        Section[] sections =
        [
            new("evaluations", "Evaluations", Evaluations.Of([run])),
            new("curves", "Curves", CurveGrid.Of([run], figures, options.CurvePoints)),
            new("views", "What the network sees", samples is null ? Html.Empty : Views(samples)),
            new("neighbours", "Nearest neighbours", study is null ? Html.Empty : Representations.Neighbours(study)),
            new("map", "Map", study is null ? Html.Empty : Representations.Maps(study, figures)),
            new("classes", "Classes", study is null ? Html.Empty : Representations.Classes(study, figures)),
            new("data", "Data", DataHealth.Of(run, samples)),
            new("settings", "Settings", Settings.Configuration(run.Configuration)),
            new("environment", "Environment", Settings.Environment(run)),
        ];
        return Page.Of(run.Name, [new("top", "", Headline.Of(run, missing.Lines)), .. sections], figures, study?.Tiles);
    }

    private static IReportSamples SamplesOf(RunOptions options, ReportEncoder encoder, MissingParts missing) => options.Data.Kind switch
    {
        DataKind.Video => new VideoReportSamples(options, encoder.Metadata, missing),
        DataKind.Text => new TextReportSamples(options, encoder.Metadata, missing),
        _ => new ImageReportSamples(options, encoder.Metadata, encoder.Options.InputChannels, missing),
    };

    private static Html Views(IReportSamples samples)
    {
        var views = samples.Views();
        return views.IsEmpty ? views : Html.Of(
            $"<p>Each row is a sample and draws of its two views; the network learns to predict one from the other. What the views leave out, it cannot learn.</p><div class=\"wide sheets\">{views}</div>");
    }

    /// <summary>The sections that need the encoder; a limit of time leaves them out, the caller's own cancellation ends the report.</summary>
    private static RepresentationStudy? TryStudy(
        ReportEncoder encoder, IReportSamples samples, ReportOptions options, MissingParts missing,
        IProgress<(int Done, int Total)>? progress, CancellationToken cancellation)
    {
        const string what = "Neighbours, map and classes";
        if (samples.Reference is null || samples.Queries is null || options.Samples == 0)
        {
            missing.Add(what, options.Samples == 0 ? "left out to be quick; byol report RUN adds them" : "they need the data");
            return null;
        }
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (options.TimeLimit == TimeSpan.Zero)
        {
            limited.Cancel(); // CancelAfter(0) fires from another thread, which a small study outruns
        }
        else
        {
            limited.CancelAfter(options.TimeLimit);
        }
        try
        {
            return RepresentationStudy.Run(encoder.Backbone, samples, options, progress, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            missing.Add(what, $"not done within {options.TimeLimit.TotalSeconds:0} seconds; byol report RUN takes the time");
        }
        catch (UnusableDataException error)
        {
            missing.Add(what, error.Message);
        }
        return null;
    }
}
