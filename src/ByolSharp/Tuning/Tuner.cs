using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>Searches for settings by successive halving (<see cref="Halving"/>) and writes every trial as a run directory below one folder.</summary>
public sealed class Tuner
{
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromSeconds(3);
    private readonly string _folder;
    private readonly ITrainingObserver _observer;
    private readonly ImageDataset _data;
    private readonly SearchSpace _space;
    private readonly Halving _plan;
    private TuneState _state;

    private Tuner(TuneState state, string folder, ImageDataset data, ITrainingObserver observer)
    {
        (_state, _folder, _data, _observer) = (state, folder, data, observer);
        _space = new([.. state.Options.Space.Select(SearchDimension.Parse)]);
        _plan = Halving.Plan(state.Options.Trials, state.Options.Reduction, state.FullSteps, state.BudgetSteps);
    }

    /// <summary>Runs a search to its end.</summary>
    /// <param name="options">What to search. A search that goes on must be asked for what it was begun with.</param>
    /// <param name="folder">Where everything is written.</param>
    /// <param name="existing">What to do where the folder holds a search.</param>
    /// <param name="observer">Told about the progress of each training, and of the search in messages.</param>
    /// <param name="cancellation">Finishes the step, saves and throws <see cref="OperationCanceledException"/>; the search can be resumed.</param>
    /// <exception cref="ConfigurationException">An option does not work, or the folder holds another search.</exception>
    /// <exception cref="UnusableDataException">The data do not work.</exception>
    /// <exception cref="TrainingStoppedException">No trial came to the end.</exception>
    public static TuneResult Run(
        TuneOptions options, string folder, ExistingRun existing, ITrainingObserver observer, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchRuntime.Initialize(options.Base.Trainer.Threads);
        var saved = Existing(options, folder, existing);
        Directory.CreateDirectory(folder);
        using var data = ImageSources.Open(
            options.Base.Data.Path, new() { MaxPixels = options.Base.Data.MaxPixels, DecodeShortSide = options.Base.Data.DecodeShortSide });
        var tuner = new Tuner(saved ?? Begin(options, data, observer, cancellation), folder, data, observer);
        tuner.Save(tuner._state);
        return tuner.Run(cancellation);
    }

    private TuneResult Run(CancellationToken cancellation)
    {
        _observer.OnMessage($"{_state.Options.Trials} trials, compared after trainings of {string.Join(", ", _plan.Rungs)} steps; at most {_plan.Cost:N0} of {_state.BudgetSteps:N0} steps");
        IReadOnlyList<int> running = [.. Enumerable.Range(0, _state.Options.Trials)];
        for (int rung = 0; rung < _plan.Rungs.Count; rung++)
        {
            foreach (int number in running)
            {
                Advance(rung, number, cancellation);
            }
            var scores = running.ToDictionary(number => number, number => _state.Trials[number].Scores[rung]);
            running = rung + 1 < _plan.Rungs.Count ? _plan.Promote(rung, scores) : running;
        }
        return TuneResult.Of(_state, _plan);
    }

    /// <summary>Trains a trial for the length of a rung, unless it has its score there.</summary>
    private void Advance(int rung, int number, CancellationToken cancellation)
    {
        var trial = number < _state.Trials.Count ? _state.Trials[number] : Draw(number);
        if (trial.Scores.Count > rung)
        {
            return;
        }
        Save(_state.With(trial));
        _observer.OnMessage($"trial {number}, {_plan.Rungs[rung]} steps: {(number == 0 ? "the preset's own setting" : string.Join(' ', trial.Settings))}");
        trial = new TuneTrial(_state, _plan, _folder, _data, _observer).Train(rung, trial, cancellation);
        Save(_state.With(trial));
        _observer.OnMessage($"trial {number}: {(trial.Failure.Length > 0 ? trial.Failure : $"{_state.Options.Score} {ScoreKey.Parse(_state.Options.Score).ValueOf(trial.Scores[rung]):0.####}")}");
    }

    private Trial Draw(int number)
    {
        if (number == 0)
        {
            return new();
        }
        double worst = _state.Trials.SelectMany(t => t.Scores.Take(1)).Where(s => !double.IsNaN(s)).DefaultIfEmpty(0).Min();
        ScoredPoint[] scored = [.. _state.Trials.Where(t => t.Point.Count > 0 && t.Scores.Count > 0)
            .Select(t => new ScoredPoint(t.Point, double.IsNaN(t.Scores[0]) ? worst : t.Scores[0]))];
        double[] point = Sampler.Draw(_state.Options.Sampler, _state.Options.Seed, number, _space.Dimensions, scored);
        return new() { Number = number, Point = point, Settings = _space.At(point) };
    }

    private void Save(TuneState state)
    {
        _state = state;
        _state.Save(_folder);
    }

    /// <summary>The search that is in the folder, or null for a new one.</summary>
    private static TuneState? Existing(TuneOptions options, string folder, ExistingRun existing)
    {
        if (!File.Exists(TuneState.PathIn(folder)))
        {
            return null;
        }
        switch (existing)
        {
            case ExistingRun.Resume:
                var saved = TuneState.Load(folder);
                return Difference(saved.Options, options) is { } key
                    ? throw new ConfigurationException($"{folder} holds a search whose {key} differs; resume it with what it was begun with, or choose another --out.")
                    : saved;
            case ExistingRun.Overwrite:
                Array.ForEach(Directory.GetDirectories(folder, "trial-*"), trial => Directory.Delete(trial, recursive: true));
                File.Delete(TuneState.PathIn(folder));
                return null;
            default:
                throw new ConfigurationException($"{folder} already holds a search; add --resume to go on with it or --overwrite to start anew.");
        }
    }

    /// <summary>The first option that differs and shapes the result, or null.</summary>
    private static string? Difference(TuneOptions saved, TuneOptions given) => PretrainArguments.Differences(saved, given)
        .Select(d => d.Key).FirstOrDefault(key => !(key.StartsWith("base.", StringComparison.Ordinal) && RunOptions.FreeKeys.Contains(key["base.".Length..])));

    /// <summary>Turns times into steps, once and for all.</summary>
    private static TuneState Begin(TuneOptions options, ImageDataset data, ITrainingObserver observer, CancellationToken cancellation)
    {
        double? secondsPerStep = null;
        if (options.Budget.Unit == DurationUnit.Seconds || options.Length.Unit == DurationUnit.Seconds && options.Length.Value > 0)
        {
            observer.OnMessage("measuring the speed of this machine…");
            secondsPerStep = Pretraining.SecondsPerStep(options.Base, data, MeasuringTime, cancellation);
        }
        long budget = options.Budget.ToSteps(1, secondsPerStep: secondsPerStep);
        long full = options.Length.Value > 0 ? options.Length.ToSteps(1, secondsPerStep: secondsPerStep) : budget / 4;
        return new() { Options = options, BudgetSteps = budget, FullSteps = full };
    }
}
