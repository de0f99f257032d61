using ByolSharp.Training;

namespace ByolSharp.Tuning;

/// <summary>The batch size that fits.</summary>
/// <param name="BatchSize">Samples a step.</param>
/// <param name="IsTried">True where steps of this size were taken; false where they would have taken too long and memory was extrapolated.</param>
/// <param name="PeakMemory">Bytes that such steps take, or 0 where that cannot be told.</param>
public sealed record FittingBatchSize(int BatchSize, bool IsTried, long PeakMemory);

/// <summary>
/// Finds the largest power of two that fits in memory. Each size is tried only where the line through the two before says that it will fit, so
/// that no system runs out of memory; on a GPU, which says nothing about its memory, sizes are tried until one does not fit.
/// </summary>
public static class BatchSizeSearch
{
    /// <summary>The paper's batch size; larger ones were never tried.</summary>
    public const int Largest = 4096;

    private const int Smallest = 8;
    private const double Share = 0.8; // of the memory that is there: others want some, and estimates are estimates

    /// <summary>How long a step may take to be tried.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Options with the largest batch size that fits; the learning rate follows by its own rule, tau stays.</summary>
    /// <param name="options">Options of the training; accumulated parts keep their number.</param>
    /// <param name="observer">Told what was found.</param>
    /// <param name="cancellation">Ends early.</param>
    /// <exception cref="ConfigurationException">Nothing fits.</exception>
    public static RunOptions Resolve(RunOptions options, ITrainingObserver observer, CancellationToken cancellation = default)
    {
        observer.OnMessage("looking for the largest batch that fits in memory…");
        int parts = options.Trainer.AccumulationSteps;
        using var probe = new StepProbe(options with { Trainer = options.Trainer with { BatchSize = Smallest * parts } }, cancellation);
        var found = Find(probe, Smallest * parts, Math.Min(Largest, Math.Max(Smallest, probe.Count)), Patience);
        int batch = found.BatchSize;
        string memory = found.PeakMemory > 0 ? $", about {found.PeakMemory >> 20:N0} of {probe.AvailableMemory >> 20:N0} MiB" : "";
        observer.OnMessage($"batch size {batch:N0}{memory} ({(found.IsTried ? "tried" : "by extrapolation")}); peak learning rate {options.Optimizer.PeakLearningRate(batch):0.####}");
        return options with { Trainer = options.Trainer with { BatchSize = batch } };
    }

    /// <summary>The largest of smallest, 2 smallest, 4 smallest, … that fits.</summary>
    /// <param name="probe">Takes the steps.</param>
    /// <param name="smallest">The first size.</param>
    /// <param name="limit">No larger one is wanted.</param>
    /// <param name="patience">Sizes whose step would take longer are not tried but extrapolated.</param>
    /// <exception cref="ConfigurationException">Not even the first fits.</exception>
    internal static FittingBatchSize Find(IStepProbe probe, int smallest, int limit, TimeSpan patience)
    {
        double budget = probe.AvailableMemory > 0 ? Share * probe.AvailableMemory : double.PositiveInfinity;
        var tried = new List<(int Batch, ProbedStep Step)>();
        for (int batch = smallest; tried.Count == 0 || batch <= limit && PeakOf(batch, tried) <= budget; batch *= 2)
        {
            if (tried.Count > 1 && tried[^1].Step is { PeakMemory: > 0, Seconds: var seconds } && 2 * seconds > patience.TotalSeconds)
            {
                return Extrapolate(batch, limit, budget, tried);
            }
            var step = probe.Try(batch);
            if (!step.Fits || step.PeakMemory > budget)
            {
                break;
            }
            tried.Add((batch, step));
        }
        return tried.Count > 0
            ? new(tried[^1].Batch, true, tried[^1].Step.PeakMemory)
            : throw new ConfigurationException(
                $"--batch-size auto: not even {smallest} samples a step fit in memory; take a smaller backbone, smaller views (data.imageSize) or free some memory.");
    }

    private static FittingBatchSize Extrapolate(int batch, int limit, double budget, List<(int Batch, ProbedStep Step)> tried)
    {
        while (batch * 2 <= limit && PeakOf(batch * 2, tried) <= budget)
        {
            batch *= 2;
        }
        return new(batch, false, (long)PeakOf(batch, tried));
    }

    /// <summary>Memory by the line through the last two sizes; through 0 while there is only one.</summary>
    private static double PeakOf(int batch, List<(int Batch, ProbedStep Step)> tried)
    {
        var (last, step) = tried[^1];
        if (tried.Count == 1)
        {
            return (double)step.PeakMemory * batch / last;
        }
        double slope = Math.Max(0, (double)(step.PeakMemory - tried[^2].Step.PeakMemory) / (last - tried[^2].Batch));
        return step.PeakMemory + slope * (batch - last);
    }
}
