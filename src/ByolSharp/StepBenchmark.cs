using System.Diagnostics;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>What <see cref="StepBenchmark"/> found; times are the median of its repeats.</summary>
public sealed record StepBenchmarkResult
{
    /// <summary>Training samples a second, median of the repeats.</summary>
    public double SamplesPerSecond { get; init; }

    /// <summary>The slowest and the fastest repeat.</summary>
    public (double Slowest, double Fastest) Range { get; init; }

    /// <summary>Floating-point operations of a step for one sample: two views through both networks, online also backward.</summary>
    public double FlopsPerSample { get; init; }

    /// <summary>10^9 floating-point operations a second of the model's own.</summary>
    public double Gflops => SamplesPerSecond * FlopsPerSample / 1e9;

    /// <summary>10^9 floating-point operations a second of a large matrix product in the same run: what the machine can do at best.</summary>
    public double GemmGflops { get; init; }

    /// <summary>Share of the time spent waiting for data, 0 to 1.</summary>
    public double DataWait { get; init; }

    /// <summary>Milliseconds of a step by part.</summary>
    public required IReadOnlyDictionary<StepPart, double> Parts { get; init; }

    /// <summary>Milliseconds of one core to decode a sample; 0 where pixels are in memory.</summary>
    public double DecodePerSample { get; init; }

    /// <summary>Milliseconds of one core to draw both views of a sample.</summary>
    public double AugmentPerSample { get; init; }

    /// <summary>The largest memory of the process so far, in bytes.</summary>
    public long PeakMemory { get; init; }

    /// <summary>Compute threads.</summary>
    public int Threads { get; init; }
}

/// <summary>Takes a training step apart.</summary>
public static class StepBenchmark
{
    private const int MatrixSize = 2048, MatrixRepeats = 8;

    /// <summary>Trains at learning rate 0 for a while and says where the time goes.</summary>
    /// <param name="options">Options of the training; nothing is written.</param>
    /// <param name="repeats">Stretches whose median counts, 1 or more.</param>
    /// <param name="time">Length of a stretch.</param>
    /// <param name="cancellation">Ends early.</param>
    /// <exception cref="ByolException">Options or data do not work.</exception>
    public static StepBenchmarkResult Run(RunOptions options, int repeats, TimeSpan time, CancellationToken cancellation = default)
    {
        options.Validate();
        TorchRuntime.Initialize(options.Trainer.Threads);
        using var pretraining = new Pretraining(options, null, null, new SilentObserver());
        var domain = pretraining.Domain;
        options = domain.Options;
        Action? synchronize = device(options.Device).type == TorchSharp.DeviceType.CUDA ? () => cuda.synchronize() : null;
        var (decode, augment) = MeasureData(domain, time);
        double gemmBefore = MeasureMatrixProduct(options.Device, synchronize);
        var stretches = new List<(double Seconds, StepProfile Profile)>();
        double flops;
        using (var trial = new TrialSteps(pretraining.CreateState(options), domain.Views, options))
        {
            flops = FlopsPerSample(trial.State.Byol, domain.Views.ViewShape, domain.Views.ViewCount, options.Device);
            for (int i = 0; i < repeats && !cancellation.IsCancellationRequested; i++)
            {
                var profile = trial.State.Profile = new StepProfile(synchronize);
                stretches.Add((trial.Run(time, cancellation, () => Log(trial.State, profile, options.Trainer.LogEvery)), profile));
            }
        }
        cancellation.ThrowIfCancellationRequested();
        var speeds = stretches.Select(s => options.Trainer.BatchSize / s.Seconds).Order().ToList();
        return new()
        {
            SamplesPerSecond = Median(speeds),
            Range = (speeds[0], speeds[^1]),
            FlopsPerSample = flops,
            GemmGflops = Math.Max(gemmBefore, MeasureMatrixProduct(options.Device, synchronize)),
            DataWait = Median(stretches.Select(s => s.Profile[StepPart.Wait] / s.Profile.Total)),
            Parts = Enum.GetValues<StepPart>().ToDictionary(
                part => part, part => Median(stretches.Select(s => 1000 * s.Seconds * (s.Profile[part] / s.Profile.Total)))),
            DecodePerSample = decode,
            AugmentPerSample = augment,
            PeakMemory = Process.GetCurrentProcess().PeakWorkingSet64,
            Threads = get_num_threads(),
        };
    }

    /// <summary>What the trainer does besides: the health of the representations, as often as it is logged.</summary>
    private static void Log(TrainState state, StepProfile profile, Duration every)
    {
        if (every.Unit == DurationUnit.Steps && every.Value > 0 && state.Step % (long)every.Value == 0)
        {
            var (z1, z2) = state.LastProjections!.Value;
            RepresentationHealth.Measure(z1, z2);
            profile.Mark(StepPart.Logging);
        }
    }

    /// <summary>Each view goes through both networks, and a gradient costs two forward passes: 4 passes of the encoder a view.</summary>
    internal static double FlopsPerSample(Byol byol, IReadOnlyList<long> viewShape, int viewCount, string device)
    {
        using var scope = NewDisposeScope();
        var view = zeros([1, .. viewShape], device: device);
        double encoder = FlopCounter.MultiplyAdds(byol.Online.Encoder, view);
        double projector = FlopCounter.MultiplyAdds(byol.Online.Projector, zeros([1, byol.Online.Encoder.RepresentationSize], device: device));
        double predictor = FlopCounter.MultiplyAdds(byol.Predictor, zeros([1, byol.Options.ProjectionSize], device: device));
        return 2 * (viewCount * (3 * (encoder + projector + predictor) + encoder + projector));
    }

    /// <summary>Milliseconds a sample for decoding and for both views, on this thread.</summary>
    private static (double Decode, double Augment) MeasureData(TrainingDomain domain, TimeSpan time)
    {
        var views = domain.Views;
        int length = (int)views.ViewShape.Aggregate(1L, (a, b) => a * b);
        var memory = new float[views.ViewCount * length];
        int[] samples = [.. Enumerable.Range(0, Math.Min(views.Count, 256))];
        double decode = domain.Decode is { } decodeOne ? PerSample(samples, i => TryDecode(decodeOne, i), time / 4) : 0;
        Array.ForEach(samples, domain.Read); // into the cache
        double read = PerSample(samples, domain.Read, time / 4);
        var plans = new float[views.ViewCount * ((views as IDeviceViewSource)?.PlanLength ?? 0)];
        Action<int> draw = views is IDeviceViewSource begun
            ? i => begun.Begin(0, i, new(memory, views.ViewCount), new(plans, views.ViewCount))
            : i => views.Draw(0, i, new(memory, views.ViewCount));
        return (decode, Math.Max(0, PerSample(samples, draw, time / 4) - read));
    }

    /// <summary>An unreadable sample costs what it takes to find that out; training replaces it.</summary>
    private static void TryDecode(Action<int> decode, int sample)
    {
        try
        {
            decode(sample);
        }
        catch (UnreadableSampleException)
        {
            // counted as it is
        }
    }

    private static double PerSample(int[] samples, Action<int> work, TimeSpan time)
    {
        work(samples[0]);
        var clock = Stopwatch.StartNew();
        long done = 0;
        while (clock.Elapsed < time || done == 0)
        {
            foreach (int sample in samples)
            {
                work(sample);
                done++;
                if (clock.Elapsed > time)
                {
                    break;
                }
            }
        }
        return clock.Elapsed.TotalMilliseconds / done;
    }

    private static double MeasureMatrixProduct(string device, Action? synchronize)
    {
        using var scope = NewDisposeScope();
        var a = ones(MatrixSize, MatrixSize, device: device);
        var times = new List<double>();
        a.mm(a).Dispose(); // threads start, memory is touched
        for (int i = 0; i < MatrixRepeats; i++)
        {
            synchronize?.Invoke();
            var clock = Stopwatch.StartNew();
            a.mm(a).Dispose();
            synchronize?.Invoke();
            times.Add(clock.Elapsed.TotalSeconds);
        }
        return 2.0 * MatrixSize * MatrixSize * MatrixSize / Median(times) / 1e9;
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
