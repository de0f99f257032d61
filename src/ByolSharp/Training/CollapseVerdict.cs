namespace ByolSharp.Training;

/// <summary>What the collapse guard makes of a run.</summary>
public enum CollapseState
{
    /// <summary>Too early to say, or projections that start alike and spread.</summary>
    Starting,

    /// <summary>The projections spread and the loss is finite.</summary>
    Healthy,

    /// <summary>The projections differ, but fill only a narrow cone or a few dimensions.</summary>
    DimensionalCollapse,

    /// <summary>All samples have nearly one projection, or all lie on one line: nothing is learned any more.</summary>
    Collapsed,

    /// <summary>The loss is no number, or it has gone back up to that of unrelated projections.</summary>
    Diverging,
}

/// <summary>What to do about a collapsed or diverging run.</summary>
public enum OnCollapse
{
    /// <summary>Say it and go on.</summary>
    Warn,

    /// <summary>Save a checkpoint and stop (exit code 4).</summary>
    Stop,
}

/// <summary>The guard's judgement.</summary>
/// <param name="State">How the run is.</param>
/// <param name="Reason">One line with the numbers that led to it.</param>
/// <param name="Cause">The likely cause and its mend; empty where the run is starting or healthy.</param>
/// <param name="Step">The step of the last observation.</param>
public sealed record CollapseVerdict(CollapseState State, string Reason, string Cause, long Step)
{
    /// <summary>True for every state but <see cref="CollapseState.Starting"/> and <see cref="CollapseState.Healthy"/>.</summary>
    public bool IsAlarm => State is not (CollapseState.Starting or CollapseState.Healthy);

    /// <summary>True where going on is a waste: <see cref="CollapseState.Collapsed"/> and <see cref="CollapseState.Diverging"/>.</summary>
    public bool IsHopeless => State is CollapseState.Collapsed or CollapseState.Diverging;

    /// <inheritdoc />
    public override string ToString() => Cause.Length == 0 ? Reason : $"{Reason}; likely cause: {Cause}";
}
