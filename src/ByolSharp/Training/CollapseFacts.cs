using System.Globalization;
using ByolSharp.Images.Backbones;

namespace ByolSharp.Training;

/// <summary>What the guard needs to know of a configuration to name a likely cause.</summary>
public sealed record CollapseFacts
{
    /// <summary>False where the online network has no predictor. Default true.</summary>
    public bool HasPredictor { get; init; } = true;

    /// <summary>The target's decay tau at the start, in [0, 1]. Default 0.99.</summary>
    public double BaseTargetEma { get; init; } = 0.99;

    /// <summary>The predictor's learning rate as a multiple of the others', at least 0. Default 1.</summary>
    public double PredictorLearningRateFactor { get; init; } = 1;

    /// <summary>Name of the optimizer, such as "lars", "sgd", "adam" or "adamw". Default "lars".</summary>
    public string Optimizer { get; init; } = "lars";

    /// <summary>Peak learning rate, as the optimizer sees it. Default 0.2.</summary>
    public double LearningRate { get; init; } = 0.2;

    /// <summary>True where any part normalises over the batch. Default true.</summary>
    public bool HasBatchNorm { get; init; } = true;

    /// <summary>True where weights are standardised (Richemond et al. 2020), which does without batch statistics. Default false.</summary>
    public bool HasWeightStandardisation { get; init; }

    /// <summary>Samples that batch normalisation sees together, at least 1. Default 256.</summary>
    public int BatchSize { get; init; } = 256;

    /// <summary>The facts of a run.</summary>
    public static CollapseFacts Of(RunOptions options) => new()
    {
        HasPredictor = options.Byol.Predictor != PredictorKind.None,
        BaseTargetEma = options.Byol.BaseTargetEma,
        PredictorLearningRateFactor = options.Byol.PredictorLearningRateScale,
        Optimizer = options.Optimizer.Kind.ToString().ToLowerInvariant(),
        LearningRate = options.Optimizer.PeakLearningRate(options.Trainer.BatchSize),
        HasBatchNorm = options.Byol.HeadNorm == HeadNorm.Batch || options.Backbone.Norm == NormKind.Batch,
        HasWeightStandardisation = options.Backbone.Norm == NormKind.Group,
        BatchSize = options.Trainer.BatchSize / options.Trainer.AccumulationSteps,
    };

    private bool IsAdam => Optimizer.StartsWith("adam", StringComparison.OrdinalIgnoreCase);

    /// <summary>The likeliest cause of an alarm and its mend.</summary>
    internal string CauseOf(CollapseState state)
    {
        string rate = LearningRate.ToString("0.####", CultureInfo.InvariantCulture);
        if (IsAdam && LearningRate >= 0.01)
        {
            return $"learning rate {rate} with {Optimizer}: use about 0.001, rates such as 0.2 are for LARS";
        }
        if (state == CollapseState.Diverging)
        {
            return $"learning rate {rate} is too high for {Optimizer}: lower it or lengthen the warm-up";
        }
        return this switch
        {
            { HasPredictor: false } => "no predictor: without one the same projection for all samples is the best answer; add it",
            { PredictorLearningRateFactor: 0 } =>
                "the predictor's learning rate is 0: it must learn at least as fast as the projector; use a factor of 1 or more",
            { BaseTargetEma: 0, PredictorLearningRateFactor: < 2 } =>
                "tau = 0: the target copies the online network each step; use a base of 0.99, or a predictor that learns 10 times faster",
            { HasBatchNorm: false, HasWeightStandardisation: false } =>
                "neither batch normalisation nor weight standardisation: add one of them",
            { HasBatchNorm: true, BatchSize: < 64 } =>
                $"only {BatchSize} samples for batch normalisation: use 64 or more, or weight standardisation with group normalisation",
            { BaseTargetEma: < 0.9 } =>
                $"tau = {BaseTargetEma.ToString("0.###", CultureInfo.InvariantCulture)} lets the target change too fast: use a base of 0.99",
            _ => $"none is plain from the configuration; try a lower learning rate than {rate}, or stronger augmentation",
        };
    }
}
