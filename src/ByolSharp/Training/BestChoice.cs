namespace ByolSharp.Training;

/// <summary>The best state of a run so far.</summary>
/// <param name="By">The score that was compared.</param>
/// <param name="Score">Its value.</param>
/// <param name="Step">Steps that were done then.</param>
public sealed record BestCheckpoint(BestBy By, double Score, long Step);

/// <summary>Chooses the best state by one score, and says when it has not got better for too long.</summary>
/// <param name="by">The score, not <see cref="BestBy.Auto"/>.</param>
/// <param name="patience">Steps without a better score after which a training has stalled; 0: never.</param>
internal sealed class BestChoice(BestBy by, long patience)
{
    internal BestBy By => by;

    internal BestCheckpoint? Best { get; private set; }

    /// <summary>Takes up the choice of a run that goes on; one by another score does not count.</summary>
    internal void Restore(BestCheckpoint? best) => Best = best?.By == by ? best : null;

    /// <summary>Takes in a score.</summary>
    /// <param name="step">Steps done.</param>
    /// <param name="score">The score; one that is no number never wins.</param>
    /// <param name="collapsed">True for a state that must not win however it scores.</param>
    /// <returns>True where the state is the best so far; of equals the earlier one.</returns>
    internal bool Offer(long step, double score, bool collapsed)
    {
        bool isBest = !collapsed && double.IsFinite(score) && (Best is null || score > Best.Score);
        if (isBest)
        {
            Best = new(by, score, step);
        }
        return isBest;
    }

    /// <summary>True where the best score is too long ago; ask at steps that were scored.</summary>
    internal bool HasStalled(long step) => patience > 0 && step - (Best?.Step ?? 0) >= patience;
}
