using System.Diagnostics;
using System.Runtime.InteropServices;
using ByolSharp.Distributed;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Text;
using ByolSharp.Training;
using ByolSharp.Video;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>Pre-trains an encoder: from options and a run directory to encoder.safetensors.</summary>
public sealed class Pretraining : IDisposable
{
    /// <summary>Share of a wall-clock budget that the speed measurement may take.</summary>
    private const double MeasuringShare = 0.03;

    /// <summary>Part of the measured speed that a schedule relies on: a machine is seldom faster than when just measured.</summary>
    private const double Reserve = 0.97;

    private readonly RunOptions _options;
    private readonly ITrainingObserver _observer;
    private readonly Func<Backbone>? _ownBackbone;
    private readonly Device _device;
    private readonly IReplicas _replicas;

    internal Pretraining(RunOptions options, ImageDataset? data, Func<Backbone>? ownBackbone, ITrainingObserver observer, IReplicas? replicas = null)
    {
        (_observer, _ownBackbone, _replicas) = (observer, ownBackbone, replicas ?? SingleReplica.Instance);
        _device = ComputeDevice.Open(options.Device);
        Domain = options.Data.Kind switch
        {
            DataKind.Video => new VideoDomain(options),
            DataKind.Text => new TextDomain(options),
            _ => new ImageDomain(options, data),
        };
        _options = Domain.Options;
    }

    /// <summary>What the kind of data brings.</summary>
    internal TrainingDomain Domain { get; }

    /// <summary>Pre-trains an encoder.</summary>
    /// <param name="options">All options; data.path says where the images are, unless <paramref name="data"/> is given.</param>
    /// <param name="run">Where everything is written; a run that has checkpoints is continued. Null on all replicas but the first.</param>
    /// <param name="data">Images of the caller's own.</param>
    /// <param name="backbone">Makes an encoder of the caller's own (called twice, after seeding torch); null for the options' one.</param>
    /// <param name="observer">Told about progress.</param>
    /// <param name="replicas">The processes that train together, each of which calls this with the same options; null: this one alone.</param>
    /// <param name="cancellation">Finishes the step, saves and returns; on any replica.</param>
    /// <exception cref="ConfigurationException">An option does not work.</exception>
    /// <exception cref="UnusableDataException">The data do not work.</exception>
    /// <exception cref="TrainingStoppedException">The loss is no number, or the collapse guard was told to stop.</exception>
    public static TrainResult Run(
        RunOptions options, RunDirectory? run, ImageDataset? data = null, Func<Backbone>? backbone = null,
        ITrainingObserver? observer = null, IReplicas? replicas = null, CancellationToken cancellation = default)
    {
        var started = Stopwatch.StartNew();
        options.Validate();
        TorchRuntime.Initialize(options.Trainer.Threads);
        using var log = run is null ? null : new RunLog(run.Log, observer);
        using var pretraining = new Pretraining(options, data, backbone, log ?? (ITrainingObserver)new SilentObserver(), replicas);
        return pretraining.Run(run, started, cancellation);
    }

    /// <summary>How long a step takes on this machine, on a model that is thrown away.</summary>
    /// <param name="options">Options of the training.</param>
    /// <param name="data">The images.</param>
    /// <param name="time">How long to measure; as much again is spent on getting warm.</param>
    /// <param name="cancellation">Ends early.</param>
    internal static double SecondsPerStep(RunOptions options, ImageDataset data, TimeSpan time, CancellationToken cancellation)
    {
        using var pretraining = new Pretraining(options, data, null, new SilentObserver());
        double seconds = pretraining.SecondsPerStep(time, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return seconds;
    }

    /// <inheritdoc />
    public void Dispose() => Domain.Dispose();

    private TrainResult Run(RunDirectory? run, Stopwatch started, CancellationToken cancellation)
    {
        Domain.PassMessages(_observer.OnMessage);
        foreach (string remark in Domain.Remarks)
        {
            _observer.OnMessage(remark);
        }
        if (_options.Trainer.Precision != Precision.Float32 && _device.type == TorchSharp.DeviceType.CPU)
        {
            _observer.OnMessage("trainer.precision = bfloat16 on a CPU: much slower than float32 unless the processor has bf16 instructions (avx512_bf16, amx_bf16)");
        }
        CompareData();
        var options = FixLength(started, cancellation);
        if (run is not null)
        {
            run.WriteDescription(options);
            Domain.WriteTo(run);
        }
        using var state = CreateState(options);
        var scoring = new ScoringSet(Domain.Views, options.Trainer.ScoreSamples, options.Seed);
        var trainer = new Trainer(new()
        {
            State = state,
            Views = Domain.Views,
            Options = options,
            TotalSteps = TotalSteps(options),
            Samples = options.Data.Kind.Samples(),
            Run = run,
            Replicas = _replicas,
            Observer = _observer,
            EvaluateKnn = Domain.Evaluation is null ? null : token => EvaluateKnn(state.Byol.Online.Encoder, token),
            Score = () => scoring.Measure(state),
            SaveEncoder = () => Domain.SaveEncoder(run!.Encoder, state.Byol.Online.Encoder, ownBackbone: _ownBackbone is not null),
            AddMetrics = line => Domain.AddMetrics(line, state.Byol.Online.Encoder),
            EncoderNotes = Domain.EncoderNotes(ownBackbone: _ownBackbone is not null),
            AfterLog = () =>
            {
                Domain.PassMessages(_observer.OnMessage);
                CheckQuarantine(run);
            },
        });
        try
        {
            return trainer.Run(cancellation);
        }
        finally
        {
            Domain.Report(_observer.OnMessage);
            ReportQuarantine(run);
        }
    }

    internal TrainState CreateState(RunOptions options)
    {
        manual_seed(options.Seed);
        int made = 0;
        var byol = new Byol(() => CreateBackbone(options, made++), options.Byol, options.Seed, Domain.Parts) { Precision = options.Trainer.Precision };
        int classes = Domain.ClassCount;
        var classifier = options.Trainer.OnlineClassifier && classes > 1
            ? new OnlineClassifier(byol.Online.Encoder.RepresentationSize, classes, options.Seed)
            : null;
        return new(byol, classifier, options.Optimizer, _device, LaneThreads(options), _replicas, options.Replicas);
    }

    /// <summary>
    /// Threads of each of two lanes, or 0 for one after the other: on GPUs, with gradient accumulation (whose sums would depend on which lane
    /// came first), with more than two views, with several replicas (whose batch norms meet in one order), and with networks that we do not know.
    /// </summary>
    private int LaneThreads(RunOptions options)
    {
        bool suits = options.Trainer is { ParallelViews: true, AccumulationSteps: 1 } && _device.type == TorchSharp.DeviceType.CPU && _ownBackbone is null;
        return suits && Domain.Views.ViewCount == 2 && _replicas.Count == 1 && get_num_threads() % 2 == 0 ? get_num_threads() / 2 : 0;
    }

    /// <summary>The online network's encoder first, then the target's; without a copy they differ by their seeds.</summary>
    private Backbone CreateBackbone(RunOptions options, int number)
    {
        var backbone = _ownBackbone?.Invoke() ?? Domain.CreateBackbone(options, 2 * options.Seed + number);
        if (options.InitFrom is { } source && _replicas.IsFirst()) // the others get its weights from it
        {
            Domain.LoadWeights(EncoderFile.PathIn(source), backbone);
        }
        return backbone;
    }

    private long TotalSteps(RunOptions options) => options.Trainer.MeasuredSteps > 0
        ? options.Trainer.MeasuredSteps
        : options.Trainer.Duration.ToSteps((double)Domain.Views.Count / options.Trainer.BatchSize);

    /// <summary>Turns a wall-clock duration into steps, once and for all: the speed is measured on a model that is thrown away.</summary>
    private RunOptions FixLength(Stopwatch started, CancellationToken cancellation)
    {
        var trainer = _options.Trainer;
        if (trainer.Duration.Unit != DurationUnit.Seconds || trainer.MeasuredSteps > 0)
        {
            return _options;
        }
        _observer.OnMessage("measuring the speed of this machine…");
        double secondsPerStep = SecondsPerStep(TimeSpan.FromSeconds(trainer.Duration.Value * MeasuringShare / 2), cancellation);
        double left = trainer.Duration.Value - started.Elapsed.TotalSeconds - EvaluationSeconds(secondsPerStep);
        secondsPerStep *= 1 + ScoringShare();
        secondsPerStep *= _options.Data is { StartSizeRatio: < 1, FullSizeFrom: { Unit: DurationUnit.Percent } until }
            ? ViewScale.MeanCost(_options.Data.StartSizeRatio, Math.Min(1, until.Value / 100))
            : 1;
        Span<double> fitting = [Math.Max(1, Math.Floor(Reserve * left / secondsPerStep))];
        _replicas.Broadcast(MemoryMarshal.AsBytes(fitting));
        long steps = (long)fitting[0];
        _observer.OnMessage($"{secondsPerStep:0.000} s a step: {steps:N0} steps fit into {TimeSpan.FromSeconds(trainer.Duration.Value)}");
        return _options with { Trainer = trainer with { MeasuredSteps = steps } };
    }

    private double SecondsPerStep(TimeSpan time, CancellationToken cancellation)
    {
        using var trial = new TrialSteps(CreateState(_options), Domain.Views, _options, _replicas);
        trial.Run(time, cancellation); // code is still being compiled and images decoded for the first time
        return trial.Run(time, cancellation);
    }

    /// <summary>What the online evaluations will cost: a sample's forward pass is about an eighth of its part of a step.</summary>
    private double EvaluationSeconds(double secondsPerStep)
    {
        var every = _options.Trainer.EvaluateEvery;
        if (Domain.Evaluation is not { } sources || every.Value == 0)
        {
            return 0;
        }
        double times = every.Unit == DurationUnit.Percent ? 100 / every.Value : 1;
        int samples = Math.Min(sources.Train.Count, _options.Trainer.EvaluationSamples) + Math.Min(sources.Test.Count, _options.Trainer.EvaluationSamples);
        return times * samples * secondsPerStep / _options.Trainer.BatchSize / 8;
    }

    /// <summary>What scoring every so many steps or epochs adds to them, as a share; a given number of scores in all is left to the reserve.</summary>
    private double ScoringShare()
    {
        var trainer = _options.Trainer;
        if (trainer.ScoreEvery.Value == 0 || trainer.ScoreEvery.Unit == DurationUnit.Percent)
        {
            return 0;
        }
        double steps = Math.Min(trainer.ScoreSamples, Domain.Views.Count) * ScoringSet.ViewCount / 8.0 / trainer.BatchSize;
        return steps / Math.Max(1, trainer.ScoreEvery.ToSteps((double)Domain.Views.Count / trainer.BatchSize));
    }

    /// <summary>Replicas that see other data would train on without noticing.</summary>
    private void CompareData()
    {
        string[] seen = _replicas.Gather($"{Domain.Views.Count} samples of {Domain.ClassCount} classes, views [{string.Join(", ", Domain.Views.ViewShape)}]");
        int other = Array.FindIndex(seen, text => text != seen[0]);
        if (other > 0)
        {
            throw new ConfigurationException($"rank {other} finds {seen[other]} in {_options.Data.Path}, rank 0 {seen[0]}: give all replicas the same data.");
        }
    }

    private double EvaluateKnn(Backbone encoder, CancellationToken cancellation)
    {
        var (train, test) = Domain.Evaluation!.Value;
        int limit = _options.Trainer.EvaluationSamples;
        var reference = FeatureExtractor.Extract(encoder, train, limit, replicas: _replicas, cancellation: cancellation).Features;
        var queries = FeatureExtractor.Extract(encoder, test, limit, replicas: _replicas, cancellation: cancellation).Features;
        return new KnnClassifier(reference).Evaluate(queries, _replicas, cancellation).Top1;
    }

    private void CheckQuarantine(RunDirectory? run)
    {
        if (run is not null && Domain.Quarantine.Count > _options.Data.MaxCorruptShare * Domain.Views.Count)
        {
            Domain.Quarantine.Write(run.Quarantine);
        }
        Domain.Quarantine.ThrowIfTooMany(Domain.Views.Count, _options.Data.MaxCorruptShare);
    }

    private void ReportQuarantine(RunDirectory? run)
    {
        if (run is not null && Domain.Quarantine.Count > 0)
        {
            Domain.Quarantine.Write(run.Quarantine);
            _observer.OnMessage($"{Domain.Quarantine.Count:N0} of {Domain.Views.Count:N0} files could not be read and were left out: see {run.Quarantine}");
        }
    }
}
