using System.Globalization;

namespace ByolSharp.Training;

/// <summary>What was found out about the state at one step.</summary>
/// <param name="KnnTop1">kNN accuracy, or null where it was not due.</param>
/// <param name="Scores">Scores without labels, or null where they were not due.</param>
/// <param name="IsBest">True where the state is the best so far.</param>
internal readonly record struct Assessment(double? KnnTop1, LabelFreeScores? Scores, bool IsBest)
{
    internal bool IsAny => KnnTop1 is not null || Scores is not null;
}

/// <summary>Evaluates and scores the state whenever it is time, and says which is the best and whether it still gets better.</summary>
internal sealed class Assessor
{
    private readonly TrainerSetup _setup;
    private readonly TrainState _state;
    private readonly Cadence _evaluations;
    private readonly Cadence _scorings;
    private readonly BestChoice _choice;

    internal Assessor(TrainerSetup setup, double stepsPerEpoch)
    {
        var options = setup.Options.Trainer;
        (_setup, _state) = (setup, setup.State);
        _evaluations = new(options.EvaluateEvery, stepsPerEpoch, setup.TotalSteps);
        _scorings = new(options.ScoreEvery, stepsPerEpoch, setup.TotalSteps);
        _choice = new(RuleOf(setup), options.StopAfter.ToSteps(stepsPerEpoch, setup.TotalSteps));
    }

    /// <summary>Latest kNN accuracy, or null.</summary>
    internal double? KnnTop1 { get; private set; }

    /// <summary>Latest scores without labels, or null.</summary>
    internal LabelFreeScores? Scores { get; private set; }

    /// <summary>The best state so far, or null.</summary>
    internal BestCheckpoint? Best => _choice.Best;

    /// <summary>True where the best score is longer ago than trainer.stopAfter.</summary>
    internal bool HasStalled { get; private set; }

    private bool IsLast => _state.Step == _setup.TotalSteps;

    /// <summary>Takes up the choice of a run that goes on at the state's step; one that had stalled there has still.</summary>
    internal void Restore(BestCheckpoint? best)
    {
        _choice.Restore(best);
        HasStalled = (_choice.By == BestBy.Knn ? _evaluations : _scorings).IsDue(_state.Step) && _choice.HasStalled(_state.Step);
    }

    /// <summary>Does what is due after a step.</summary>
    internal Assessment Assess(CollapseVerdict verdict, CancellationToken cancellation)
    {
        double? knn = _setup.EvaluateKnn is not null && (_evaluations.IsDue(_state.Step) || IsLast) ? Evaluate(cancellation) : null;
        bool isScored = _setup.Score is not null && _setup.Options.Trainer.ScoreEvery.Value > 0 && (_scorings.IsDue(_state.Step) || IsLast);
        var scores = isScored ? _setup.Score!() : null;
        (KnnTop1, Scores) = (knn ?? KnnTop1, scores ?? Scores);
        if ((_choice.By == BestBy.Knn ? knn : scores?.Of(_choice.By)) is not { } score)
        {
            return new(knn, scores, IsBest: false);
        }
        bool isBest = _choice.Offer(_state.Step, score, collapsed: verdict.IsHopeless || scores is { IsCollapsed: true });
        HasStalled = _choice.HasStalled(_state.Step);
        return new(knn, scores, isBest);
    }

    /// <summary>Why there is nothing better.</summary>
    public override string ToString() => Best is { } best
        ? string.Create(CultureInfo.InvariantCulture, $"no {best.By} above the {best.Score:0.####} of step {best.Step:N0}")
        : $"no state that could be the best by {_choice.By}";

    /// <summary>What decides over "best": without evaluation data a score that needs no labels.</summary>
    private static BestBy RuleOf(TrainerSetup setup) => setup.Options.Trainer.BestBy switch
    {
        BestBy.Auto => setup.EvaluateKnn is null ? BestBy.ViewRetrieval : BestBy.Knn,
        var rule => rule,
    };

    /// <summary>kNN accuracy; null where it was cancelled, whereupon the loop ends and saves.</summary>
    private double? Evaluate(CancellationToken cancellation)
    {
        _state.Byol.Online.eval();
        try
        {
            return _setup.EvaluateKnn!(cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            _state.Byol.train();
        }
    }
}
