using System.Text.Json.Nodes;
using ByolSharp.Training;

namespace ByolSharp.Reporting;

/// <summary>A run directory as it is read for a report; nothing in it is changed.</summary>
internal sealed class RunRecord
{
    private RunRecord(string path)
    {
        Folder = path;
        Name = Path.GetFileName(path.TrimEnd(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar));
        Configuration = RunConfiguration.Read(File("config.json"));
        Environment = ReportFiles.ReadJson(File("environment.json"));
        Metrics = RunMetrics.Read(File("metrics.jsonl"));
        Evaluations = EvaluationFile.ReadAll(File("eval"));
        Quarantine = ReadQuarantine(File("quarantine.txt"));
        Verdict = Configuration.Options is { } options ? GuardReplay.Judge(Metrics, options) : null;
    }

    /// <summary>Full path of the run directory.</summary>
    internal string Folder { get; }

    /// <summary>Its last part.</summary>
    internal string Name { get; }

    /// <summary>config.json.</summary>
    internal RunConfiguration Configuration { get; }

    /// <summary>environment.json; null where it is missing.</summary>
    internal JsonObject? Environment { get; }

    /// <summary>metrics.jsonl.</summary>
    internal RunMetrics Metrics { get; }

    /// <summary>Results under eval/.</summary>
    internal IReadOnlyList<EvaluationFile> Evaluations { get; }

    /// <summary>Names and reasons of quarantine.txt.</summary>
    internal IReadOnlyList<(string Name, string Reason)> Quarantine { get; }

    /// <summary>What the collapse guard makes of the log; null where the options are not known.</summary>
    internal CollapseVerdict? Verdict { get; }

    /// <summary>Steps that the run was planned for; null where nothing says.</summary>
    internal long? PlannedSteps => Configuration.Options?.Trainer switch
    {
        { MeasuredSteps: > 0 } trainer => trainer.MeasuredSteps,
        { Duration: { Unit: DurationUnit.Steps or DurationUnit.Epochs } length } when Metrics.Epochs > 0 => length.ToSteps(Metrics.Steps / Metrics.Epochs),
        _ => null,
    };

    /// <summary>Opens a run.</summary>
    /// <exception cref="ConfigurationException">There is no run at this path.</exception>
    internal static RunRecord Open(string path)
    {
        string full = Path.GetFullPath(path);
        return new[] { "config.json", "metrics.jsonl" }.Any(name => System.IO.File.Exists(Path.Combine(full, name)))
            ? new(full)
            : throw new ConfigurationException($"{path} is no run directory: it holds neither config.json nor metrics.jsonl; name the folder given to --out.");
    }

    /// <summary>A file of the run.</summary>
    internal string File(string name) => Path.Combine(Folder, name);

    private static IReadOnlyList<(string Name, string Reason)> ReadQuarantine(string path) =>
        [.. RunDirectory.ReadLines(path).Select(line => line.Split('\t', 2)).Select(parts => (parts[0], parts.Length > 1 ? parts[1] : ""))];
}
