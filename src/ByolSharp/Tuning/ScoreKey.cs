using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>Which figure of metrics.jsonl compares trials, and whether more of it is better.</summary>
/// <param name="Key">Its key there.</param>
/// <param name="IsLessBetter">True where the smallest wins.</param>
public sealed record ScoreKey(string Key, bool IsLessBetter = false)
{
    private const string Knn = "knn", KnnKey = "knn_top1";

    /// <summary>Needs labelled data for the online evaluation.</summary>
    public bool NeedsLabels => Key == KnnKey;

    /// <summary>Reads <c>knn</c> (knn_top1), a key such as <c>rankme</c>, or <c>key:min</c> where less is better.</summary>
    /// <exception cref="ConfigurationException">No such form.</exception>
    public static ScoreKey Parse(string text) => text.Split(':') switch
    {
        [Knn] => new(KnnKey),
        [{ Length: > 0 } key] => new(key),
        [{ Length: > 0 } key, "max"] => new(key),
        [{ Length: > 0 } key, "min"] => new(key, IsLessBetter: true),
        _ => throw new ConfigurationException($"'{text}' is no score; write knn, a key of metrics.jsonl such as rankme, or key:min where less is better."),
    };

    /// <inheritdoc />
    public override string ToString() => IsLessBetter ? $"{Key}:min" : Key;

    /// <summary>A training's score, higher is better: the last value. NaN where it collapsed or diverged.</summary>
    /// <param name="metrics">Its lines.</param>
    /// <param name="options">Its options.</param>
    /// <exception cref="ConfigurationException">No line has the key.</exception>
    internal double ScoreOf(RunMetrics metrics, RunOptions options)
    {
        var curve = metrics[Key] ?? throw new ConfigurationException(
            $"--score {Key}: metrics.jsonl has no number of that name; there are {string.Join(", ", metrics.Curves.Select(c => c.Key))}.");
        return GuardReplay.Judge(metrics, options).IsHopeless ? double.NaN : IsLessBetter ? -curve.Last : curve.Last;
    }

    /// <summary>The figure itself from a score.</summary>
    public double ValueOf(double score) => IsLessBetter ? -score : score;
}
