namespace ByolSharp;

/// <summary>How the target network starts.</summary>
public enum TargetStart
{
    /// <summary>From other random weights than the online network, as in the authors' code.</summary>
    Independent,

    /// <summary>As an exact copy of the online network, as in the paper's pseudo-code.</summary>
    Copy,
}

/// <summary>How the target network's batch norm behaves.</summary>
public enum TargetBatchNorm
{
    /// <summary>Training mode with running statistics of its own, as published.</summary>
    Own,

    /// <summary>EMAN (Cai et al. 2021): running statistics follow the online network's by the same moving average, and normalise.</summary>
    Eman,
}

/// <summary>How the online network predicts the target's projection (q).</summary>
public enum PredictorKind
{
    /// <summary>A multi-layer perceptron of the projector's shape, learned, as published.</summary>
    Mlp,

    /// <summary>Linear, computed from the eigenvectors of the projections' correlations (Tian et al. 2021); see <see cref="DirectPredictor"/>.</summary>
    DirectPred,

    /// <summary>Linear, the correlations themselves (Wang et al. 2021).</summary>
    DirectCopy,

    /// <summary>None: the prediction is the projection. For ablations: it collapses.</summary>
    None,
}

/// <summary>Options of the method itself. The defaults are the published ones for 1000 epochs.</summary>
public sealed record ByolOptions
{
    /// <summary>Units of the hidden layers of projector and predictor, 1 or more. Paper: 4096.</summary>
    public int HiddenSize { get; init; } = 4096;

    /// <summary>Length of projections and predictions, 1 or more. Paper: 256.</summary>
    public int ProjectionSize { get; init; } = 256;

    /// <summary>Normalisation of the heads' hidden layers. Paper: batch.</summary>
    public HeadNorm HeadNorm { get; init; } = HeadNorm.Batch;

    /// <summary>
    /// Normalisation of the projector's output, without scale and offset. Paper: none; batch as in SimSiam (Chen and He 2021) and MoCo v3 keeps
    /// the projections centred, which short trainings feel.
    /// </summary>
    public HeadNorm ProjectionNorm { get; init; } = HeadNorm.None;

    /// <summary>Distribution of the heads' initial weights. Authors' code: official (truncated normal).</summary>
    public InitializationScheme HeadInitialization { get; init; } = InitializationScheme.Official;

    /// <summary>tau at the first step, 0 to 1; it rises to 1 by a half cosine. Paper: 0.996 (1000 epochs), 0.99 (100 and 300).</summary>
    public double BaseTargetEma { get; init; } = 0.996;

    /// <summary>False keeps tau at its base value instead of raising it to 1. Paper: true.</summary>
    public bool ScheduleTargetEma { get; init; } = true;

    /// <summary>Where the target's weights start. Authors' code: independent; paper's pseudo-code: copy.</summary>
    public TargetStart TargetStart { get; init; } = TargetStart.Independent;

    /// <summary>Batch norm of the target network. Paper: its own statistics, in training mode.</summary>
    public TargetBatchNorm TargetBatchNorm { get; init; } = TargetBatchNorm.Own;

    /// <summary>
    /// Side of the views that the target network sees, as a share of the online network's, 0.25 to 1. Paper: 1. Its two forward passes are a quarter of
    /// a step.
    /// </summary>
    public double TargetSizeRatio { get; init; } = 1;

    /// <summary>The predictor q. Paper: mlp.</summary>
    public PredictorKind Predictor { get; init; } = PredictorKind.Mlp;

    /// <summary>Factor on the predictor's learning rate, 0 or more. Paper: 1; above 1 helps when tau is small (Table 21).</summary>
    public double PredictorLearningRateScale { get; init; } = 1;

    /// <summary>Weight of <see cref="ProjectionSpread.Variance"/>, mean of both views, 0 or more. Paper: 0, there is no such term.</summary>
    public double VarianceWeight { get; init; }

    /// <summary>Weight of <see cref="ProjectionSpread.Covariance"/>, sum of both views, 0 or more. Paper: 0, there is no such term.</summary>
    public double CovarianceWeight { get; init; }

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.AtLeast("byol.hiddenSize", HiddenSize, 1);
        OptionCheck.AtLeast("byol.projectionSize", ProjectionSize, 1);
        OptionCheck.Range("byol.baseTargetEma", BaseTargetEma, 0, 1);
        OptionCheck.Range("byol.targetSizeRatio", TargetSizeRatio, 0.25, 1);
        OptionCheck.Range("byol.predictorLearningRateScale", PredictorLearningRateScale, 0, 1000);
        OptionCheck.AtLeast("byol.varianceWeight", VarianceWeight, 0);
        OptionCheck.AtLeast("byol.covarianceWeight", CovarianceWeight, 0);
    }
}
