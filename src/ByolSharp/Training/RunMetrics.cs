using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Training;

/// <summary>metrics.jsonl, whatever figures it holds: every key with a number becomes a curve.</summary>
internal sealed class RunMetrics
{
    private static readonly string[] _axes = ["step", "epoch", "samples", "time"];
    private readonly List<Dictionary<string, double>> _lines = [];

    private RunMetrics() { }

    /// <summary>The curves in the order in which their keys appear first.</summary>
    internal IReadOnlyList<Curve> Curves { get; private set; } = [];

    /// <summary>Lines that are no JSON object with a step, such as one cut short by a crash.</summary>
    internal int Unreadable { get; private set; }

    /// <summary>The logged lines, oldest first.</summary>
    internal IReadOnlyList<IReadOnlyDictionary<string, double>> Lines => _lines;

    /// <summary>The last step logged, or 0.</summary>
    internal long Steps => (long)Last("step");

    /// <summary>Samples seen until the last step, repeats included, or 0.</summary>
    internal double Samples => Last("samples");

    /// <summary>Passes over the data at the last step.</summary>
    internal double Epochs => Last("epoch");

    /// <summary>Time spent training; the log's clock starts anew whenever a run is resumed, and the spans add up.</summary>
    internal TimeSpan Time { get; private set; }

    /// <summary>The curve of a key, or null.</summary>
    internal Curve? this[string key] => Curves.FirstOrDefault(c => c.Key == key);

    /// <summary>Reads the file; an absent one has no lines.</summary>
    internal static RunMetrics Read(string path)
    {
        var metrics = new RunMetrics();
        foreach (string line in RunDirectory.ReadLines(path))
        {
            metrics.Add(line);
        }
        metrics.Curves = [.. metrics._lines.SelectMany(l => l.Keys).Distinct().Except(_axes).Select(metrics.CurveOf)];
        metrics.Time = TimeSpan.FromSeconds(metrics._lines.Select(l => l.GetValueOrDefault("time")).Aggregate(
            (Sum: 0.0, Before: 0.0), (t, now) => (t.Sum + (now >= t.Before ? now - t.Before : now), now)).Sum);
        return metrics;
    }

    private void Add(string line)
    {
        try
        {
            var numbers = new Dictionary<string, double>();
            foreach (var (key, value) in JsonNode.Parse(line)?.AsObject() ?? [])
            {
                if (value is JsonValue one && one.TryGetValue(out double number) && double.IsFinite(number))
                {
                    numbers[key] = number;
                }
            }
            if (numbers.ContainsKey("step"))
            {
                _lines.Add(numbers);
                return;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // counted below
        }
        Unreadable++;
    }

    private Curve CurveOf(string key) =>
        new(key, [.. _lines.Where(l => l.ContainsKey(key)).Select(l => new CurvePoint((long)l["step"], l[key]))]);

    private double Last(string key) => _lines.Count == 0 ? 0 : _lines[^1].GetValueOrDefault(key);
}
