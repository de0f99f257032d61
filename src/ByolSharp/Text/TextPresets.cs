using ByolSharp.Images.Backbones;
using ByolSharp.Optimizers;

namespace ByolSharp.Text;

/// <summary>The recipes for texts.</summary>
internal static class TextPresets
{
    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Preset> All { get; } = [Bsl(), Data2Vec(), SmallCpu(), TokensSmallCpu()];

    /// <summary>
    /// BSL (Zhang et al. 2021) from its authors' code: a trained BERT goes on learning from sentences and their back-translations. Ours in place of theirs: one
    /// hidden layer in the predictor and a projector of the same form (theirs: three such predictors one after the other and no projector), and a cosine for the
    /// rate (theirs falls linearly, and gradients are cut at norm 1).
    /// </summary>
    private static Preset Bsl() => new("bsl-bert-base",
        "BERT base on sentences and their back-translations (text.pairColumn) for one epoch, from trained weights (--init-from). Published for BERT base: 72.0 Spearman on "
        + "average over STS; contrastive learning (SimCSE) gets 76.3. Not yet measured here.",
        new()
        {
            Preset = "bsl-bert-base",
            Backbone = new() { Name = "bert-base", Pooling = TokenPooling.Mean, Initialization = InitializationScheme.Bert },
            Byol = new() { HiddenSize = 7680, ProjectionSize = 768, BaseTargetEma = 0.999, ScheduleTargetEma = false, TargetStart = TargetStart.Copy },
            Data = new() { Kind = DataKind.Text },
            Text = new() { MaxTokens = 64, PairColumn = "2", Column = "1" },
            Optimizer = AdamW(1e-4) with { WeightDecay = 0.01 },
            Trainer = new() { BatchSize = 64, Duration = Duration.OfEpochs(1) },
        });

    /// <summary>
    /// data2vec for text (Baevski et al. 2022) from its authors' code: spans of 4 hidden to 35%, the mean of 10 layers as the goal. Ours in place of theirs: tau
    /// rises to 1 by a half cosine over all steps (theirs from 0.999 to 0.9999 in a line), the rate follows a cosine.
    /// </summary>
    private static Preset Data2Vec() => new("data2vec-base",
        "RoBERTa base from scratch on long passages, hidden tokens alone; 1,000,000 steps of 256 x 512 tokens on 16 GPUs. Published: 82.7 on GLUE's development sets, RoBERTa "
        + "82.5 in the same set-up. Not yet measured here.",
        new()
        {
            Preset = "data2vec-base",
            Backbone = new() { Name = "roberta-base", Pooling = TokenPooling.Mean, Initialization = InitializationScheme.Bert },
            Byol = new() { HiddenSize = 768, ProjectionSize = 256, BaseTargetEma = 0.999, TargetStart = TargetStart.Copy },
            Data = new() { Kind = DataKind.Text },
            Text = new() { MaxTokens = 512, VocabularySize = 50_265, MaskShare = 0.35, MaskSpan = 4, TargetDropout = false, SentenceWeight = 0, TokenWeight = 1 },
            Optimizer = AdamW(2e-4) with { WeightDecay = 0.01, Beta2 = 0.98, Warmup = new(1, DurationUnit.Percent) },
            Trainer = new() { BatchSize = 256, Duration = Duration.OfSteps(1_000_000) },
        });

    /// <summary>
    /// Our recipe for two CPU cores: a small BERT that learns from crops of texts and from hidden tokens at once.
    /// </summary>
    private static Preset SmallCpu() => new("text-small-cpu",
        "A BERT of 4 layers of 128 for two CPU cores and minutes, whole texts and hidden tokens at once; docs/text.md says what is known of it.",
        new()
        {
            Preset = "text-small-cpu",
            Backbone = new() { Name = "bert-4x128", Pooling = TokenPooling.Mean },
            Byol = new() { HiddenSize = 512, ProjectionSize = 128, ProjectionNorm = HeadNorm.Batch, BaseTargetEma = 0.99, CovarianceWeight = 0.04, TargetStart = TargetStart.Copy },
            Data = new() { Kind = DataKind.Text },
            Text = new() { MaxTokens = 48, CropMin = 0.3, DeleteProbability = 0.1, MaskShare = 0.2, MaskSpan = 2, TokenWeight = 1, AveragedLayers = 3, SmoothBeta = 1 },
            Optimizer = AdamW(1e-3) with { WeightDecay = 0.01 },
            Trainer = new() { BatchSize = 128, Duration = new(600, DurationUnit.Seconds) },
        });

    /// <summary>
    /// Our recipe for hidden tokens alone on two CPU cores: short passages, in which a neighbour weighs enough to be found soon, of few different tokens, and goals without what
    /// a place says by itself; with longer passages 500 steps taught nothing (docs/text.md).
    /// </summary>
    private static Preset TokensSmallCpu() => new("text-tokens-small-cpu",
        "A BERT of 2 layers of 128 that learns from hidden tokens alone (data2vec), for two CPU cores and minutes; docs/text.md says what is known of it.",
        new()
        {
            Preset = "text-tokens-small-cpu",
            Backbone = new() { Name = "bert-tiny", Pooling = TokenPooling.Mean },
            Byol = new() { HiddenSize = 512, ProjectionSize = 128, ProjectionNorm = HeadNorm.Batch, BaseTargetEma = 0.99, CovarianceWeight = 0.04, TargetStart = TargetStart.Copy },
            Data = new() { Kind = DataKind.Text },
            Text = new() { VocabularySize = 1024, MaxTokens = 24, MaskShare = 0.2, Dropout = 0, SentenceWeight = 0, TokenWeight = 1, AveragedLayers = 2, SmoothBeta = 1, TargetNorm = PartNorm.Place },
            Optimizer = AdamW(2e-3) with { WeightDecay = 0.01 },
            Trainer = new() { BatchSize = 64, Duration = new(600, DurationUnit.Seconds) },
        });

    /// <summary>AdamW at a rate that does not follow the batch, with a tenth of the training to warm up.</summary>
    private static OptimizerOptions AdamW(double rate) => new()
    {
        Kind = OptimizerKind.AdamW,
        BaseLearningRate = rate,
        ScaleWithBatchSize = false,
        Warmup = new(10, DurationUnit.Percent),
    };
}
