namespace ByolSharp.Tuning;

/// <summary>Which figure of metrics.jsonl compares trials, and whether more of it is better.</summary>
/// <param name="Key">Its key there.</param>
/// <param name="IsLessBetter">True where the smallest wins.</param>
public sealed record ScoreKey(string Key, bool IsLessBetter = false)
{
    private const string Knn = "knn", KnnKey = "knn_top1";

    /// <summary>Needs labelled data for the online evaluation.</summary>
    public bool NeedsLabels => Key == KnnKey;

    /// <summary>Reads <c>knn</c> (knn_top1), a key such as <c>rank</c>, or <c>key:min</c> where less is better.</summary>
    /// <exception cref="ConfigurationException">No such form.</exception>
    public static ScoreKey Parse(string text) => text.Split(':') switch
    {
        [Knn] => new(KnnKey),
        [{ Length: > 0 } key] => new(key),
        [{ Length: > 0 } key, "max"] => new(key),
        [{ Length: > 0 } key, "min"] => new(key, IsLessBetter: true),
        _ => throw new ConfigurationException($"'{text}' is no score; write knn, a key of metrics.jsonl such as rank, or key:min where less is better."),
    };

    /// <inheritdoc />
    public override string ToString() => IsLessBetter ? $"{Key}:min" : Key;

    /// <summary>A trial's score at a step, higher is better: the last value up to it. NaN where the run had collapsed, diverged or shows no number.</summary>
    /// <param name="metrics">The trial's lines.</param>
    /// <param name="step">The rung.</param>
    /// <param name="options">The trial's options.</param>
    /// <exception cref="ConfigurationException">No line has the key.</exception>
    internal double ScoreOf(TrialMetrics metrics, long step, RunOptions options)
    {
        double? value = metrics.ValueAt(Key, step);
        if (value is null)
        {
            throw new ConfigurationException($"--score {Key}: no line of {metrics.File} up to step {step:N0} has it; there are {string.Join(", ", metrics.Keys)}.");
        }
        return metrics.VerdictAt(step, options).IsHopeless || !double.IsFinite(value.Value) ? double.NaN : IsLessBetter ? -value.Value : value.Value;
    }

    /// <summary>The figure itself from a score.</summary>
    public double ValueOf(double score) => IsLessBetter ? -score : score;
}
