using System.Text.Json;
using System.Text.Json.Nodes;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>The lines of a training's metrics.jsonl.</summary>
internal sealed class TrialMetrics
{
    private readonly List<JsonObject> _lines = [];

    /// <summary>The metrics of a run directory.</summary>
    internal static TrialMetrics Of(string run) => new(Path.Combine(run, "metrics.jsonl"));

    private TrialMetrics(string file)
    {
        File = file;
        if (System.IO.File.Exists(file))
        {
            _lines.AddRange(System.IO.File.ReadLines(file).Select(Parse).OfType<JsonObject>());
        }
    }

    /// <summary>Where the lines are.</summary>
    internal string File { get; }

    /// <summary>The keys of any line that have a number.</summary>
    internal IEnumerable<string> Keys => _lines.SelectMany(line => line).Where(p => Number(p.Value) is not null).Select(p => p.Key).Distinct();

    /// <summary>Steps and values of a key.</summary>
    internal IEnumerable<(long Step, double Value)> Curve(string key) =>
        _lines.Where(line => Number(line[key]) is not null).Select(line => (StepOf(line), Number(line[key])!.Value));

    /// <summary>
    /// What the collapse guard makes of the whole run. Judged anew from the lines, because the verdicts written there begin again where a run goes on
    /// from a checkpoint, and a search that was killed would otherwise not end like one that was not.
    /// </summary>
    internal CollapseVerdict Verdict(RunOptions options)
    {
        var guard = new CollapseGuard(new());
        int batch = options.Trainer.BatchSize / options.Trainer.AccumulationSteps, size = options.Byol.ProjectionSize;
        foreach (var line in _lines.Where(line => line.ContainsKey("projection_std")))
        {
            double Figure(string key) => Number(line[key]) ?? double.NaN;
            guard.Observe(StepOf(line), Figure("loss"), new(Figure("projection_std"), Figure("rank"), Figure("alignment"), Figure("uniformity"), batch, size));
        }
        return guard.Verdict;
    }

    private static long StepOf(JsonObject line) => (long)(Number(line["step"]) ?? long.MaxValue);

    private static double? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number : null;

    /// <summary>A line, or null where a crash cut it short.</summary>
    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
