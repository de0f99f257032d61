using System.Diagnostics;
using System.Text.Json.Nodes;
using ByolSharp.Distributed;
using TorchSharp;

namespace ByolSharp.Training;

/// <summary>What a trainer works with; everything of the domain comes in through it.</summary>
public sealed record TrainerSetup
{
    /// <summary>The state to advance.</summary>
    public required TrainState State { get; init; }

    /// <summary>Where views come from.</summary>
    public required IViewSource Views { get; init; }

    /// <summary>The resolved options.</summary>
    public required RunOptions Options { get; init; }

    /// <summary>Steps of the whole training.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>What the samples are, for people. Default samples.</summary>
    public string Samples { get; init; } = "samples";

    /// <summary>Where the run is written; null on all replicas but the first.</summary>
    public required RunDirectory? Run { get; init; }

    /// <summary>Who trains together.</summary>
    public IReplicas Replicas { get; init; } = SingleReplica.Instance;

    /// <summary>Told about progress.</summary>
    public required ITrainingObserver Observer { get; init; }

    /// <summary>kNN accuracy of the online encoder, 0 to 1; null without evaluation data.</summary>
    public Func<CancellationToken, double>? EvaluateKnn { get; init; }

    /// <summary>Scores of the state without labels; null for none.</summary>
    public Func<LabelFreeScores>? Score { get; init; }

    /// <summary>Writes the online encoder.</summary>
    public required Action SaveEncoder { get; init; }

    /// <summary>Notes that let a checkpoint be read as an encoder file; null for none.</summary>
    public IReadOnlyDictionary<string, string>? EncoderNotes { get; init; }

    /// <summary>Adds what the domain measures to a line of metrics.jsonl; null for nothing.</summary>
    public Action<JsonObject>? AddMetrics { get; init; }

    /// <summary>Called after every logged step, for example to stop when too many files are unreadable.</summary>
    public Action AfterLog { get; init; } = () => { };
}

/// <summary>How a training ended.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="TotalSteps">Steps of the whole training.</param>
/// <param name="Interrupted">True where it was cancelled; the checkpoint is saved.</param>
/// <param name="Loss">Loss of the last step.</param>
/// <param name="Verdict">Last judgement of the collapse guard.</param>
/// <param name="KnnTop1">Last online kNN accuracy, 0 to 1, or null.</param>
/// <param name="SamplesPerSecond">Over the steps of this process.</param>
/// <param name="DataWait">Share of the time spent waiting for data, 0 to 1.</param>
public sealed record TrainResult(
    long Step, long TotalSteps, bool Interrupted, double Loss, CollapseVerdict Verdict, double? KnnTop1, double SamplesPerSecond, double DataWait)
{
    /// <summary>True where trainer.stopAfter ended the training before its length.</summary>
    public bool StoppedEarly { get; init; }

    /// <summary>What the "best" checkpoint holds, or null where there is none.</summary>
    public BestCheckpoint? Best { get; init; }
}

/// <summary>The training loop: resume, step, evaluate, score, log, save.</summary>
public sealed class Trainer
{
    private readonly TrainerSetup _setup;
    private readonly TrainerOptions _options;
    private readonly TrainState _state;
    private readonly CheckpointStore? _checkpoints;
    private readonly string _configHash;
    private readonly double _stepsPerEpoch;
    private readonly Schedule _learningRate;
    private readonly Schedule _targetUpdateRate;
    private readonly Schedule _sizeRatio;
    private readonly IReplicas _replicas;
    private readonly CollapseGuard _guard;
    private readonly Assessor _assessor;
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Prepares the schedules; <see cref="Run"/> does the work.</summary>
    public Trainer(TrainerSetup setup)
    {
        var options = setup.Options;
        (_setup, _options, _state, _replicas) = (setup, options.Trainer, setup.State, setup.Replicas);
        _stepsPerEpoch = (double)setup.Views.Count / _options.BatchSize;
        _configHash = $"{options.Hash()}-{setup.Views.Count}";
        _learningRate = LearningRate(options, setup.TotalSteps, _stepsPerEpoch);
        _targetUpdateRate = options.Byol.ScheduleTargetEma
            ? Schedules.TargetUpdateRate(options.Byol.BaseTargetEma, setup.TotalSteps)
            : Schedules.Constant(1 - options.Byol.BaseTargetEma);
        _sizeRatio = ViewScale.Growing(options.Data.StartSizeRatio, options.Data.FullSizeFrom.ToSteps(_stepsPerEpoch, setup.TotalSteps));
        _checkpoints = setup.Run is { } run ? new(run.Checkpoints, _options.KeepCheckpoints, setup.EncoderNotes) : null;
        _guard = new(CollapseFacts.Of(options));
        _assessor = new(setup, _stepsPerEpoch);
    }

    /// <summary>The learning rate that the options describe for a length of training.</summary>
    public static Schedule LearningRate(RunOptions options, long totalSteps, double stepsPerEpoch)
    {
        long warmup = options.Optimizer.Warmup.ToSteps(stepsPerEpoch, totalSteps);
        if (warmup > totalSteps / 2)
        {
            warmup = totalSteps / 10; // a short try of a long recipe would otherwise end within its warm-up of 10 epochs
        }
        double peak = options.Optimizer.PeakLearningRate(options.Trainer.BatchSize);
        if (options.Optimizer.CosineDecay)
        {
            return Schedules.WarmupCosine(peak, warmup, totalSteps);
        }
        return step => step < warmup ? peak * step / warmup : peak;
    }

    /// <summary>Trains to the end, until nothing gets better where that was asked for, or until cancelled; each time the last checkpoint and the encoder are saved.</summary>
    /// <exception cref="TrainingStoppedException">The loss is no number, or the collapse guard was told to stop.</exception>
    public TrainResult Run(CancellationToken cancellation = default)
    {
        Resume();
        var logs = new Cadence(_options.LogEvery, _stepsPerEpoch, _setup.TotalSteps, _replicas);
        var saves = new Cadence(_options.CheckpointEvery, _stepsPerEpoch, _setup.TotalSteps);
        using var metrics = _setup.Run is { } run ? new MetricsLog(run.Metrics, _state.Step) : null;
        var events = _options.TensorBoard && _setup.Run is not null ? new TensorBoardLog(_setup.Run.TensorBoard) : null;
        using var loader = new DataLoader(
            _setup.Views, _options.BatchSize, _setup.Options.Seed, _state.Step, _setup.Options.Data.Workers, _setup.Options.Data.Prefetch,
            pinned: _state.Device.type == DeviceType.CUDA, BatchPart.Of(_replicas, _options));
        var whole = new Meter(_options.BatchSize, _state.Step, loader, _replicas);
        var sinceLog = new Meter(_options.BatchSize, _state.Step, loader, _replicas);
        double loss = double.NaN;
        while (_state.Step < _setup.TotalSteps && !_replicas.Any(_assessor.HasStalled || cancellation.IsCancellationRequested))
        {
            double learningRate = _learningRate(_state.Step);
            double targetUpdateRate = _targetUpdateRate(_state.Step);
            var result = _state.Advance(loader.Next(), learningRate, targetUpdateRate, _options.AccumulationSteps, _sizeRatio(_state.Step));
            loss = result.Loss;
            FreedMemory.Return(_state.Step);
            bool isLast = _state.Step == _setup.TotalSteps;
            bool isLogged = logs.IsDue(_state.Step) || isLast;
            var health = isLogged ? Judge(loss) : null;
            var progress = ProgressOf(loss, learningRate, 1 - targetUpdateRate, whole, isLogged ? sinceLog : whole) with { IsLogged = isLogged };
            whole.Pause();
            var assessed = _assessor.Assess(_guard.Verdict, cancellation);
            whole.Resume();
            if (assessed.IsBest && _checkpoints is not null)
            {
                _checkpoints.SaveBest(_state, _configHash, _assessor.Best!);
                _setup.Observer.OnCheckpoint(_checkpoints.Best, _state.Step);
            }
            progress = progress with { KnnTop1 = _assessor.KnnTop1, Scores = _assessor.Scores };
            if (isLogged || assessed.IsAny)
            {
                var line = MetricsOf(progress, result, health, assessed);
                if (_replicas.Count > 1)
                {
                    line["replica_share"] = sinceLog.ReplicaShare;
                }
                metrics?.Write(line);
                events?.Write(line, _state.Step);
                sinceLog = new Meter(_options.BatchSize, _state.Step, loader, _replicas);
                _setup.AfterLog();
            }
            _setup.Observer.OnStep(progress);
            if (saves.IsDue(_state.Step))
            {
                Save();
            }
            StopIfCollapsed(isLogged);
        }
        bool stoppedEarly = _state.Step < _setup.TotalSteps && _assessor.HasStalled;
        if (stoppedEarly)
        {
            _setup.Observer.OnMessage($"stopped early at step {_state.Step:N0} of {_setup.TotalSteps:N0}: {_assessor}, trainer.stopAfter = {_options.StopAfter}");
        }
        Save();
        return new(
            _state.Step, _setup.TotalSteps, _state.Step < _setup.TotalSteps && !stoppedEarly, loss, _guard.Verdict, _assessor.KnnTop1,
            whole.SamplesPerSecond(_state.Step), whole.DataWait)
        {
            StoppedEarly = stoppedEarly,
            Best = _assessor.Best,
        };
    }

    private void Resume()
    {
        if (_checkpoints?.LoadNewest(_state, _configHash, _setup.Observer.OnMessage) is { } manifest)
        {
            _assessor.Restore(manifest.Best);
            _setup.Observer.OnMessage($"resumed at step {manifest.Step:N0} of {_setup.TotalSteps:N0}");
        }
        _state.Share();
    }

    private void Save()
    {
        if (_checkpoints is not null)
        {
            _checkpoints.Save(_state, _configHash, _assessor.Best);
            _setup.SaveEncoder();
            _setup.Observer.OnCheckpoint(_checkpoints.Last, _state.Step);
        }
    }

    private RepresentationHealth Judge(double loss)
    {
        using var scope = torch.NewDisposeScope();
        var (z1, z2) = _state.GatherProjections();
        var health = RepresentationHealth.Measure(z1, z2);
        var before = _guard.Verdict.State;
        var verdict = _guard.Observe(_state.Step, loss * 2 / _setup.Views.ViewCount, health); // the guard knows the loss of two views
        if (verdict.State != before)
        {
            _setup.Observer.OnMessage($"step {_state.Step:N0}: {verdict}");
        }
        return health;
    }

    private void StopIfCollapsed(bool isJudged)
    {
        if (isJudged && _options.OnCollapse == OnCollapse.Stop && _replicas.Any(_guard.Verdict.IsHopeless))
        {
            Save();
            throw new TrainingStoppedException($"step {_state.Step}: {_guard.Verdict}");
        }
    }

    private TrainProgress ProgressOf(double loss, double learningRate, double tau, Meter whole, Meter recent) => new()
    {
        Step = _state.Step,
        TotalSteps = _setup.TotalSteps,
        Epoch = _state.Step / _stepsPerEpoch,
        Loss = loss,
        LearningRate = learningRate,
        Tau = tau,
        Samples = _setup.Samples,
        SamplesPerSecond = recent.SamplesPerSecond(_state.Step),
        DataWait = recent.DataWait,
        Memory = Environment.WorkingSet,
        Remaining = TimeSpan.FromSeconds((_setup.TotalSteps - _state.Step) * _options.BatchSize / Math.Max(1e-9, whole.SamplesPerSecond(_state.Step))),
        Verdict = _guard.Verdict,
        KnnTop1 = _assessor.KnnTop1,
        Scores = _assessor.Scores,
    };

    /// <summary>A line of metrics.jsonl (docs/design.md, section 8).</summary>
    private JsonObject MetricsOf(TrainProgress progress, StepResult result, RepresentationHealth? health, Assessment assessed)
    {
        var line = new JsonObject
        {
            ["step"] = progress.Step,
            ["epoch"] = progress.Epoch,
            ["samples"] = progress.Step * _options.BatchSize,
            ["time"] = _clock.Elapsed.TotalSeconds,
            ["loss"] = progress.Loss,
            ["lr"] = progress.LearningRate,
            ["tau"] = progress.Tau,
            ["samples_per_second"] = progress.SamplesPerSecond,
            ["data_wait"] = progress.DataWait,
            ["grad_norm"] = result.GradientNorm,
        };
        if (health is not null)
        {
            line["projection_std"] = health.ProjectionStd;
            line["rank"] = health.Rank;
            line["alignment"] = health.Alignment;
            line["uniformity"] = health.Uniformity;
            line["verdict"] = progress.Verdict.State.ToString();
        }
        if (result.PartLoss is { } partLoss)
        {
            line["part_loss"] = partLoss;
        }
        if (result.ClassifierLoss is { } classifierLoss)
        {
            line["classifier_loss"] = classifierLoss;
            line["classifier_top1"] = result.ClassifierTop1;
        }
        if (assessed.KnnTop1 is { } knn)
        {
            line["knn_top1"] = knn;
        }
        assessed.Scores?.AddTo(line);
        _setup.AddMetrics?.Invoke(line);
        return line;
    }
}
