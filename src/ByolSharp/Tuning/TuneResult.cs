namespace ByolSharp.Tuning;

/// <summary>How a search ended.</summary>
/// <param name="State">All trials with their scores.</param>
/// <param name="Plan">The rungs.</param>
/// <param name="Ranking">Trials, best first: those that trained longer first, then by score, failed ones last.</param>
/// <param name="Winner">The best of those trained to the end.</param>
/// <param name="WinnerOptions">Its options, of full length.</param>
public sealed record TuneResult(TuneState State, Halving Plan, IReadOnlyList<Trial> Ranking, Trial Winner, RunOptions WinnerOptions)
{
    internal static TuneResult Of(TuneState state, Halving plan)
    {
        Trial[] ranking = [.. state.Trials.OrderBy(t => t.Scores.Any(double.IsNaN)).ThenByDescending(t => t.Scores.Count)
            .ThenByDescending(t => t.Scores[^1]).ThenBy(t => t.Number)];
        var winner = ranking[0];
        return winner.Scores.Count == plan.Rungs.Count && !double.IsNaN(winner.Scores[^1])
            ? new(state, plan, ranking, winner, TuneTrial.OptionsOf(state, winner, state.FullSteps))
            : throw new TrainingStoppedException(
                $"no trial came to the end: all collapsed or diverged (trial 0: {state.Trials[0].Failure}); search at lower learning rates or start from another preset.");
    }
}
