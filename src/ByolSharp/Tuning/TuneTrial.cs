using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>Trains a trial at a rung: an ordinary run in a directory of its own.</summary>
internal sealed class TuneTrial(TuneState state, Halving plan, string folder, ImageDataset data, ITrainingObserver observer)
{
    private static readonly Duration AtTheEnd = Duration.OfSteps(0); // the trainer evaluates its last step anyway

    /// <summary>The run directory of a trial at a rung.</summary>
    internal static string PathOf(string folder, Trial trial, int rung) => Path.Combine(folder, $"trial-{trial.Number:000}-rung-{rung}");

    /// <summary>
    /// The shared options with the trial's own, for a length. A shorter training has a smaller tau, so that the target's memory stays as long a part
    /// of it and the setting means the same at each rung.
    /// </summary>
    /// <param name="state">The search.</param>
    /// <param name="trial">The trial.</param>
    /// <param name="steps">Steps with the shared batch size; another one sees as many samples.</param>
    internal static RunOptions OptionsOf(TuneState state, Trial trial, long steps)
    {
        var options = trial.Settings.Aggregate(state.Options.Base, OptionsJson.Set);
        long own = Math.Max(1, steps * state.Options.Base.Trainer.BatchSize / options.Trainer.BatchSize);
        double tau = steps == state.FullSteps ? options.Byol.BaseTargetEma : TargetDecay.ForLength(options.Byol.BaseTargetEma, state.FullSteps, steps);
        return options with
        {
            Byol = options.Byol with { BaseTargetEma = tau },
            Trainer = options.Trainer with { Duration = Duration.OfSteps(own) },
        };
    }

    /// <summary>Trains for the length of a rung, or goes on with it, and adds the score.</summary>
    /// <returns>The trial with one score more; NaN and a reason where it failed.</returns>
    internal Trial Train(int rung, Trial trial, CancellationToken cancellation)
    {
        var options = OptionsOf(state, trial, plan.Rungs[rung]);
        string path = PathOf(folder, trial, rung);
        try
        {
            using var run = RunDirectory.Open(path, ExistingRun.Resume);
            Pretraining.Run(options with { Trainer = options.Trainer with { EvaluateEvery = AtTheEnd, OnCollapse = OnCollapse.Warn } }, run, data, observer: observer, cancellation: cancellation);
        }
        catch (TrainingStoppedException stopped)
        {
            return Failed(trial, stopped.Message);
        }
        cancellation.ThrowIfCancellationRequested();
        var metrics = RunMetrics.Read(Path.Combine(path, "metrics.jsonl"));
        double score = ScoreKey.Parse(state.Options.Score).ScoreOf(metrics, options);
        return double.IsNaN(score) ? Failed(trial, GuardReplay.Judge(metrics, options).ToString()) : trial with { Scores = [.. trial.Scores, score] };
    }

    private static Trial Failed(Trial trial, string reason) => trial with { Scores = [.. trial.Scores, double.NaN], Failure = reason };
}
