namespace ByolSharp.Evaluation;

/// <summary>Settings of <see cref="FineTuning"/>; where a list has several values, all combinations are compared on held-out training samples.</summary>
public sealed record FineTuneOptions
{
    /// <summary>Peak learning rates, each above 0; not scaled with the batch. Default 0.03 (<see cref="Quick"/>).</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [0.03];

    /// <summary>
    /// Weight decays, each 0 or more, of which the optimizer gets wd / lr (paper, D.3): at the peak, a step takes this share of a weight. Biases
    /// and normalisation parameters have none. Default 0.
    /// </summary>
    public IReadOnlyList<double> WeightDecays { get; init; } = [0];

    /// <summary>Lengths in steps or epochs, each of at least one step. Default 300 steps (<see cref="Quick"/>).</summary>
    public IReadOnlyList<Duration> Lengths { get; init; } = [Duration.OfSteps(300)];

    /// <summary>Samples a step, at least 2; capped at the number of training samples. Default 64 (<see cref="Quick"/>).</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Nesterov momentum, from 0 to below 1. Default 0.9 (paper).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// True lets the running statistics of batch norm keep max(1 - 10 / s, 0.9) of what they were, with s steps an epoch (paper, D.3): more
    /// where an epoch is long. False keeps 0.9. Touches <see cref="BatchNorm"/> alone, no other normalisation. Default true.
    /// </summary>
    public bool AdaptBatchNorm { get; init; } = true;

    /// <summary>Seed of the classifier's first weights, of the held-out part, of the order of the samples and of augmentations. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Ours, for small data and CPUs: 300 steps of 64 samples with learning rate 0.03 and no weight decay; nothing is held out. It sees 19,200
    /// views whatever the size of the data: 30 to 60 seconds for a small network on small images.
    /// </summary>
    public static FineTuneOptions Quick { get; } = new();

    /// <summary>
    /// The same for Transformers over texts, with learning rate 0.003: at 0.03 the small one of <c>text-small-cpu</c> loses what it knows and guesses (docs/text.md).
    /// </summary>
    public static FineTuneOptions QuickTexts { get; } = Quick with { LearningRates = [0.003] };

    /// <summary>
    /// The paper's for 1% and 10% of the labels (appendix C.2): batches of 1024, no regularisation, learning rates 0.01, 0.02, 0.05, 0.1 and
    /// 0.005 for 30 and 50 epochs. Ten trainings and the last.
    /// </summary>
    public static FineTuneOptions SemiSupervised { get; } = new()
    {
        BatchSize = 1024,
        LearningRates = [0.01, 0.02, 0.05, 0.1, 0.005],
        Lengths = [Duration.OfEpochs(30), Duration.OfEpochs(50)],
        AdaptBatchNorm = false,
    };

    /// <summary>
    /// The paper's for other data (appendix D.3): 20,000 steps of 256 samples, seven learning rates from 0.0001 to 0.1 and seven weight decays
    /// from 0.000001 to 0.001, both evenly spaced in the logarithm, and no weight decay. 56 trainings and the last.
    /// </summary>
    public static FineTuneOptions Transfer { get; } = new()
    {
        BatchSize = 256,
        LearningRates = [.. LogGrid.Between(1e-4, 1e-1, 7)],
        WeightDecays = [0, .. LogGrid.Between(1e-6, 1e-3, 7)],
        Lengths = [Duration.OfSteps(20_000)],
    };

    /// <summary>All combinations.</summary>
    internal IReadOnlyList<FineTuneSetting> Settings =>
        [.. from length in Lengths from lr in LearningRates from wd in WeightDecays select new FineTuneSetting(lr, wd, length)];

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">The message names the value and what would be right.</exception>
    public void Validate()
    {
        Require(LearningRates.Count > 0 && WeightDecays.Count > 0 && Lengths.Count > 0, "learning rates, weight decays and lengths must be one or more");
        foreach (double lr in LearningRates)
        {
            OptionCheck.Range("fine-tuning: learning rate", lr, 0, 1e3, includeLow: false);
        }
        foreach (double wd in WeightDecays)
        {
            OptionCheck.Range("fine-tuning: weight decay", wd, 0, 1);
        }
        Require(Lengths.All(l => l.Unit is DurationUnit.Steps or DurationUnit.Epochs && l.Value > 0), "a length must be above 0, in steps or epochs");
        OptionCheck.Range("fine-tuning: batch size", BatchSize, 2, 1 << 20);
        Require(Momentum is >= 0 and < 1, "momentum must be from 0 to below 1");
    }

    private static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new ConfigurationException($"fine-tuning: {rule}");
        }
    }
}

/// <summary>One combination.</summary>
/// <param name="LearningRate">Peak learning rate.</param>
/// <param name="WeightDecay">Before it is divided by the learning rate.</param>
/// <param name="Length">In steps or epochs.</param>
public sealed record FineTuneSetting(double LearningRate, double WeightDecay, Duration Length);
