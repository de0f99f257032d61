namespace ByolSharp.Evaluation.FewLabels;

/// <summary>What a rung reached once.</summary>
/// <param name="Rung">The rung's key.</param>
/// <param name="Share">Share of the labels, above 0, at most 1.</param>
/// <param name="Seed">The repetition.</param>
/// <param name="LabelCount">Labels used.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Hits">A character for each labelled test sample: 1 where its class was named rightly, else 0.</param>
public sealed record LadderCell(string Rung, double Share, long Seed, int LabelCount, double Seconds, string Hits)
{
    /// <summary>Share of the test samples classified rightly.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double Top1 => Hits.Count(hit => hit == '1') / (double)Hits.Length;

    /// <summary>Whether this can be what <see cref="LadderStore"/> wrote.</summary>
    internal bool IsWhole => Rung is not null && Hits is { Length: > 0 } && Hits.All(hit => hit is '0' or '1') && LabelCount > 0;
}
