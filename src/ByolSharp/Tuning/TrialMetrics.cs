using System.Text.Json;
using System.Text.Json.Nodes;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>The lines of a trial's metrics.jsonl.</summary>
internal sealed class TrialMetrics
{
    private readonly List<JsonObject> _lines = [];

    /// <summary>Reads the file; none is a trial that has not begun.</summary>
    internal TrialMetrics(string file)
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

    /// <summary>Whether the training got as far as a step and wrote it.</summary>
    internal bool Reached(long step) => _lines.Any(line => StepOf(line) == step);

    /// <summary>The last value of a key up to a step, or null.</summary>
    internal double? ValueAt(string key, long step)
    {
        var curve = Curve(key).Where(point => point.Step <= step).ToList();
        return curve.Count == 0 ? null : curve[^1].Value;
    }

    /// <summary>
    /// What the collapse guard makes of the run up to a step. Judged anew from the lines, because the verdicts written there begin again after every
    /// pause, and a search that was killed would otherwise not end like one that was not.
    /// </summary>
    internal CollapseVerdict VerdictAt(long step, RunOptions options)
    {
        var guard = new CollapseGuard(new());
        int batch = options.Trainer.BatchSize / options.Trainer.AccumulationSteps, size = options.Byol.ProjectionSize;
        foreach (var line in _lines.Where(line => StepOf(line) <= step && line.ContainsKey("projection_std")))
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
