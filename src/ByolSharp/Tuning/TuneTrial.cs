using System.Numerics;
using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>Trains a trial from rung to rung; it is an ordinary run that pauses there and goes on from its checkpoint.</summary>
internal sealed class TuneTrial(TuneState state, Halving plan, string folder, ImageDataset data, ITrainingObserver observer)
{
    private const int LogEvery = 10;

    /// <summary>The run directory of a trial.</summary>
    internal static string PathOf(string folder, Trial trial) => Path.Combine(folder, $"trial-{trial.Number:000}");

    /// <summary>What a trial trains with when it is alone: the shared options, its own settings, the full length.</summary>
    internal static RunOptions FullOptions(TuneState state, Trial trial)
    {
        var options = trial.Settings.Aggregate(state.Options.Base, OptionsJson.Set);
        return options with { Trainer = options.Trainer with { Duration = Duration.OfSteps(Scaled(state.FullSteps, state, options)) } };
    }

    /// <summary>Trains to a rung, if the trial is not there yet, and adds its score.</summary>
    /// <returns>The trial with one score more; NaN and a reason where it failed.</returns>
    internal Trial TrainTo(int rung, Trial trial, CancellationToken cancellation)
    {
        var options = Options(trial);
        long step = rung == plan.Rungs.Count - 1 ? (long)options.Trainer.Duration.Value : Scaled(plan.Rungs[rung], state, options);
        string path = PathOf(folder, trial);
        string metrics = Path.Combine(path, "metrics.jsonl");
        if (!new TrialMetrics(metrics).Reached(step))
        {
            try
            {
                Train(path, options, step, cancellation);
            }
            catch (TrainingStoppedException stopped)
            {
                return Failed(trial, stopped.Message);
            }
        }
        var lines = new TrialMetrics(metrics);
        double score = ScoreKey.Parse(state.Options.Score).ScoreOf(lines, step, options);
        return double.IsNaN(score) ? Failed(trial, lines.VerdictAt(step, options).ToString()) : trial with { Scores = [.. trial.Scores, score] };
    }

    private void Train(string path, RunOptions options, long step, CancellationToken cancellation)
    {
        using var run = RunDirectory.Open(path, ExistingRun.Resume);
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Pretraining.Run(options, run, data, observer: new PauseAt(step, pause, observer), cancellation: pause.Token);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>The full options, logged and evaluated at the rungs. None of it shapes the training.</summary>
    private RunOptions Options(Trial trial)
    {
        var options = FullOptions(state, trial);
        long unit = Scaled(Halving.UnitOf(state.FullSteps), state, options);
        return options with
        {
            Trainer = options.Trainer with
            {
                LogEvery = Duration.OfSteps((long)BigInteger.GreatestCommonDivisor(unit, LogEvery)),
                EvaluateEvery = Duration.OfSteps(Scaled(plan.Rungs[0], state, options)),
                OnCollapse = OnCollapse.Warn,
                TensorBoard = false,
            },
        };
    }

    /// <summary>Steps of another batch size that see as many samples.</summary>
    private static long Scaled(long steps, TuneState state, RunOptions options) =>
        Math.Max(1, steps * state.Options.Base.Trainer.BatchSize / options.Trainer.BatchSize);

    private static Trial Failed(Trial trial, string reason) => trial with { Scores = [.. trial.Scores, double.NaN], Failure = reason };

    /// <summary>Cancels at a step, which saves a checkpoint of exactly that step.</summary>
    private sealed class PauseAt(long step, CancellationTokenSource pause, ITrainingObserver next) : ITrainingObserver
    {
        public void OnStep(TrainProgress progress)
        {
            next.OnStep(progress);
            if (progress.Step >= step)
            {
                pause.Cancel();
            }
        }

        public void OnMessage(string message) => next.OnMessage(message);
    }
}
