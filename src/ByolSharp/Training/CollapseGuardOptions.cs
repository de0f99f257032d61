namespace ByolSharp.Training;

/// <summary>When the collapse guard alarms. Standard deviations are shares of the healthy 1 / sqrt(size), ranks of min(batch size, size).</summary>
public sealed record CollapseGuardOptions
{
    /// <summary>Observations that each figure's median is taken over, at least 1. Default 5.</summary>
    public int Window { get; init; } = 5;

    /// <summary>
    /// Steps before anything but a loss that is no number is judged, at least 0. Default 100: the projections of a random network are nearly
    /// collinear, and training must first pull them apart.
    /// </summary>
    public long StartSteps { get; init; } = 100;

    /// <summary>
    /// Steps that a run which has never been healthy gets before it counts as collapsed, at least <see cref="StartSteps"/>. Default 300.
    /// </summary>
    public long Patience { get; init; } = 300;

    /// <summary>Below this share of the healthy standard deviation all projections are one. In (0, 1), default 0.05.</summary>
    public double CollapsedStd { get; init; } = 0.05;

    /// <summary>Below this rank (an absolute number, not a share) all projections lie on one line. At least 1, default 1.5.</summary>
    public double CollapsedRank { get; init; } = 1.5;

    /// <summary>Below this share of the healthy standard deviation the projections fill only a narrow cone. In (0, 1), default 0.2.</summary>
    public double NarrowStd { get; init; } = 0.2;

    /// <summary>
    /// Below this share of the largest possible rank, or below rank 2, the projections fill few dimensions. In (0, 1), default 0.05: runs on the
    /// demo data at 0.04 were no better than a random encoder, those at 0.2 were twice as good (docs/results.md).
    /// </summary>
    public double NarrowRank { get; init; } = 0.05;

    /// <summary>A standard deviation or rank that grew by this factor since the window before is recovering, which delays alarms. Above 1, default 1.1.</summary>
    public double RecoveryFactor { get; init; } = 1.1;

    /// <summary>
    /// A loss at or above this is that of unrelated predictions and targets (4 in a space of many dimensions, of at most 8). In (0, 8],
    /// default 3.6.
    /// </summary>
    public double UnrelatedLoss { get; init; } = 3.6;

    /// <summary>How far the loss must have risen from its lowest to <see cref="UnrelatedLoss"/> or above to count as diverging. Above 0, default 1.</summary>
    public double LossRise { get; init; } = 1;
}
