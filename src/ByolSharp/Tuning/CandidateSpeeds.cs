using ByolSharp.Images.Backbones;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tuning;

/// <summary>Measures candidates on this machine, a few seconds each; those that a matrix product's speed rules out are not tried.</summary>
/// <param name="optionsOf">The options of a candidate, with the data.</param>
/// <param name="time">How long the training may take.</param>
/// <param name="facts">The data.</param>
/// <param name="observer">Told what is being measured.</param>
internal sealed class CandidateSpeeds(Func<PlanCandidate, RunOptions> optionsOf, TimeSpan time, DataFacts facts, ITrainingObserver observer)
{
    private const double BoundFactor = 2; // lower precision may beat the float32 product that the bound comes from
    private const double LongestStep = 1; // seconds of the matrix product's speed that a measured step may take
    private const int SmallestBatch = 8;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(1.5);
    private readonly Dictionary<(BackboneOptions Backbone, int ImageSize), double> _measured = [];
    private double _gemmGflops;

    internal MeasuredCandidate Measure(PlanCandidate candidate, CancellationToken cancellation)
    {
        var options = optionsOf(candidate);
        options.Validate();
        TorchRuntime.Initialize(options.Trainer.Threads);
        double gflops = GflopsOf(options);
        string objection = candidate.MinimumSamples > (double)PlanRules.MostEpochs * facts.Count
            ? FormattableString.Invariant($"wants {candidate.MinimumSamples:N0} samples, more than {PlanRules.MostEpochs} epochs of these data")
            : "";
        double bound = BoundFactor * _gemmGflops / gflops;
        if (_gemmGflops > 0 && (objection.Length > 0 || bound * time.TotalSeconds < candidate.MinimumSamples))
        {
            return new(candidate, gflops, bound, false, objection.Length > 0 ? objection : Shortage(candidate, bound));
        }
        double speed = SpeedOf(options, gflops, cancellation);
        bool isEnough = speed * time.TotalSeconds >= candidate.MinimumSamples;
        return new(candidate, gflops, speed, true, objection.Length > 0 || isEnough ? objection : Shortage(candidate, speed));
    }

    private double SpeedOf(RunOptions options, double gflops, CancellationToken cancellation)
    {
        var network = (options.Backbone, options.Data.ImageSize);
        if (_measured.TryGetValue(network, out double known))
        {
            return known;
        }
        observer.OnMessage($"measuring {options.Backbone.Name} at {options.Data.ImageSize} pixels…");
        var trainer = options.Trainer with { BatchSize = BatchSize(options, gflops), AccumulationSteps = 1 };
        var result = StepBenchmark.Run(options with { Trainer = trainer }, 1, Stretch, cancellation);
        _gemmGflops = Math.Max(_gemmGflops, result.GemmGflops);
        return _measured[network] = result.SamplesPerSecond;
    }

    /// <summary>The recipe's own batch, or less where a step would take long.</summary>
    private int BatchSize(RunOptions options, double gflops)
    {
        int batch = options.Trainer.BatchSize;
        while (_gemmGflops > 0 && batch / 2 >= SmallestBatch && batch * gflops > LongestStep * _gemmGflops)
        {
            batch /= 2;
        }
        return batch;
    }

    private string Shortage(PlanCandidate candidate, double samplesPerSecond) => FormattableString.Invariant(
        $"sees {samplesPerSecond * time.TotalSeconds:N0} samples in the time and wants {candidate.MinimumSamples:N0}");

    /// <summary>Counted on the CPU, with weights that nobody drew.</summary>
    private double GflopsOf(RunOptions options)
    {
        using var scope = NewDisposeScope();
        var backbone = options.Backbone with { ImageSize = options.Data.ImageSize, InputChannels = facts.Channels };
        using var byol = new Byol(() => BackboneFactory.Build(backbone), options.Byol, options.Seed);
        return StepBenchmark.FlopsPerSample(byol, [facts.Channels, options.Data.ImageSize, options.Data.ImageSize], 2, "cpu") / 1e9;
    }
}
