using System.Text.Json.Nodes;

namespace ByolSharp.Training;

/// <summary>How an encoder does on the scoring set.</summary>
/// <param name="Representation">Of y, which is kept after training.</param>
/// <param name="Projection">Of z, which the loss sees.</param>
public sealed record LabelFreeScores(ViewScores Representation, ViewScores Projection)
{
    private static readonly CollapseGuardOptions Limits = new();

    /// <summary>True where the collapse guard would call these projections collapsed: all nearly one, or all on one line.</summary>
    public bool IsCollapsed => !(Projection.Spread >= Limits.CollapsedStd && Projection.RankMe >= Limits.CollapsedRank);

    /// <summary>The score that a rule compares.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rule is none of these scores.</exception>
    internal double Of(BestBy rule) => rule switch
    {
        BestBy.ViewRetrieval => Representation.Retrieval,
        BestBy.Lidar => Representation.Lidar,
        BestBy.RankMe => Representation.RankMe,
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "not a score without labels"),
    };

    /// <summary>Adds all scores to a line of metrics.jsonl.</summary>
    internal void AddTo(JsonObject line)
    {
        Representation.AddTo(line, "");
        Projection.AddTo(line, "projection_");
    }
}
