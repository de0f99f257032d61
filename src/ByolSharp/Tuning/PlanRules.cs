using System.Globalization;

namespace ByolSharp.Tuning;

/// <summary>A number of a plan.</summary>
/// <param name="Key">The option.</param>
/// <param name="Value">As --set takes it.</param>
/// <param name="Reason">Why, in a line.</param>
/// <param name="Source">Who says so.</param>
public sealed record PlannedValue(string Key, string Value, string Reason, string Source);

/// <summary>The arithmetic of a plan: from a recipe, a number of samples and what fits in memory to every setting with its reason.</summary>
public static class PlanRules
{
    /// <summary>The longest training that the paper reports, in passes over the data.</summary>
    public const int MostEpochs = 1000;

    private const int FewestSteps = 2_400, SmallestBatch = 128;
    private const double WarmupEpochs = 10, WarmupShare = 0.1;

    /// <summary>The settings of a training.</summary>
    /// <param name="candidate">The recipe.</param>
    /// <param name="start">Its options.</param>
    /// <param name="count">Samples of the data.</param>
    /// <param name="samples">Samples, repeats included, that the training sees.</param>
    /// <param name="fittingBatch">The largest batch that fits in memory.</param>
    public static IReadOnlyList<PlannedValue> Apply(PlanCandidate candidate, RunOptions start, int count, double samples, int fittingBatch)
    {
        int reference = start.Trainer.BatchSize, batch = BatchSize(reference, samples);
        int parts = 1;
        while (batch / parts > Math.Max(2, fittingBatch))
        {
            parts *= 2;
        }
        long steps = Math.Max(1, (long)(samples / batch));
        double epochs = samples / count, peak = start.Optimizer.PeakLearningRate(batch);
        double tau = Tau(start.Byol.BaseTargetEma, reference, batch, candidate.TrainedSamples, samples);
        return
        [
            new("backbone.name", start.Backbone.Name, "the largest network whose shortest useful training fits into time and data", candidate.Evidence),
            new("data.imageSize", $"{start.Data.ImageSize}", "the views that this recipe was measured with", $"preset {start.Preset}"),
            new("trainer.batchSize", $"{batch}", batch == reference ? "as in the recipe" : $"halved until there are {FewestSteps:N0} steps, not below {SmallestBatch}",
                "paper, appendix G: 72.5 at 4096, 71.8 at 256, 69.6 at 128, 59.7 at 64"),
            new("trainer.accumulationSteps", $"{parts}", parts == 1 ? "a batch fits in memory" : $"{fittingBatch:N0} samples fit in memory at once; one update of optimizer and target a batch", "paper, section 5"),
            new("trainer.duration", $"{steps}steps", FormattableString.Invariant($"{epochs:0.#} epochs of {count:N0} samples"), "the speed measured here"),
            new("optimizer.baseLearningRate", Text(start.Optimizer.BaseLearningRate), $"for a batch of 256; scaled linearly the peak is {Text(peak)}", $"preset {start.Preset}; linear scaling: paper, Goyal et al. 2017"),
            new("optimizer.weightDecay", Text(start.Optimizer.WeightDecay), "as in the recipe; it does not depend on batch or length", $"preset {start.Preset}"),
            new("optimizer.warmup", $"{Warmup(start, epochs)}", start.Optimizer.Warmup.Unit == DurationUnit.Percent ? "as in the recipe" : "10 epochs, at most a tenth of the training", start.Optimizer.Warmup.Unit == DurationUnit.Percent ? $"preset {start.Preset}" : "paper, section 3.3"),
            new("byol.baseTargetEma", Text(tau), $"{Text(start.Byol.BaseTargetEma)} rescaled for batch {batch} and {samples / candidate.TrainedSamples:0.###} of the length it was chosen for", "batch: Busbridge et al. 2023; length: the authors' schedules (docs/tuning.md)"),
        ];
    }

    /// <summary>The recipe's batch, halved while there would be too few steps; the paper's own results fall below 128.</summary>
    internal static int BatchSize(int reference, double samples)
    {
        int batch = reference;
        while (samples / batch < FewestSteps && batch / 2 >= SmallestBatch)
        {
            batch /= 2;
        }
        return batch;
    }

    /// <summary>tau for another batch size and length, 1 - tau to three digits.</summary>
    internal static double Tau(double tau, int referenceBatch, int batch, double referenceSamples, double samples)
    {
        double scaled = TargetDecay.ForLength(TargetDecay.ForBatch(tau, referenceBatch, batch), referenceSamples, samples);
        return Math.Round(1 - double.Parse((1 - scaled).ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture), 12);
    }

    private static Duration Warmup(RunOptions start, double epochs) => start.Optimizer.Warmup switch
    {
        { Unit: DurationUnit.Percent } own => own,
        _ when WarmupEpochs <= WarmupShare * epochs => Duration.OfEpochs(WarmupEpochs),
        _ => new(100 * WarmupShare, DurationUnit.Percent),
    };

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
