namespace ByolSharp.Optimizers;

/// <summary>The update rules.</summary>
public enum OptimizerKind
{
    /// <summary>LARS, as published.</summary>
    Lars,

    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay; usual for vision transformers.</summary>
    AdamW,
}

/// <summary>Which norm divides in the trust ratio of LARS.</summary>
public enum LarsFormula
{
    /// <summary>eta ||p|| / ||g + wd p||, as in the authors' code.</summary>
    Official,

    /// <summary>eta ||p|| / (||g|| + wd ||p|| + 1e-9), as in You et al. 2017 and most PyTorch ports.</summary>
    Common,
}

/// <summary>Options of the optimizer and the learning rate. The defaults are the published ones for 1000 epochs.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The update rule. Paper: LARS.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Lars;

    /// <summary>Learning rate for a batch of 256, 0 or more; the peak is this times batch size / 256. Paper: 0.2.</summary>
    public double BaseLearningRate { get; init; } = 0.2;

    /// <summary>False uses the base learning rate as it is. Paper: true.</summary>
    public bool ScaleWithBatchSize { get; init; } = true;

    /// <summary>Length of the linear warm-up. Paper: 10 epochs.</summary>
    public Duration Warmup { get; init; } = Duration.OfEpochs(10);

    /// <summary>False keeps the learning rate at its peak after the warm-up. Paper: true (cosine to 0).</summary>
    public bool CosineDecay { get; init; } = true;

    /// <summary>Weight decay, 0 or more; biases and normalisation parameters have none. Paper: 1.5e-6.</summary>
    public double WeightDecay { get; init; } = 1.5e-6;

    /// <summary>Momentum (LARS, SGD), 0 to 1; also beta 1 of AdamW. Paper: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// True takes Nesterov's step (LARS, SGD): the gradient counts once more beside the momentum it has just gone into. Paper: false for
    /// pre-training, true for linear evaluation and fine-tuning (appendices C and D).
    /// </summary>
    public bool Nesterov { get; init; }

    /// <summary>eta of LARS, above 0. Paper: 0.001.</summary>
    public double TrustCoefficient { get; init; } = 1e-3;

    /// <summary>Form of the trust ratio of LARS.</summary>
    public LarsFormula LarsFormula { get; init; } = LarsFormula.Official;

    /// <summary>False gives biases and normalisation parameters weight decay and trust ratios too. Paper: true.</summary>
    public bool ExcludeVectors { get; init; } = true;

    /// <summary>beta 2 of AdamW, 0 to 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Works as on a GPU although the parameters lie in main memory; for tests of that path.</summary>
    internal bool UseTensorOperations { get; init; }

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.Range("optimizer.baseLearningRate", BaseLearningRate, 0, 1e4);
        OptionCheck.Range("optimizer.weightDecay", WeightDecay, 0, 1e3);
        OptionCheck.Range("optimizer.momentum", Momentum, 0, 1);
        OptionCheck.Range("optimizer.trustCoefficient", TrustCoefficient, 1e-12, 1e3);
        OptionCheck.Range("optimizer.beta2", Beta2, 0, 1);
        if (Warmup.Unit == DurationUnit.Seconds)
        {
            throw new ConfigurationException($"optimizer.warmup is {Warmup}; give it in steps, epochs or %.");
        }
    }

    /// <summary>The learning rate at the end of the warm-up for a global batch size.</summary>
    public double PeakLearningRate(int batchSize) => ScaleWithBatchSize ? BaseLearningRate * batchSize / 256 : BaseLearningRate;
}
