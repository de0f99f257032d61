using System.Text.Json.Serialization;

namespace ByolSharp.Evaluation;

/// <summary>Settings of <see cref="LinearEval"/>; the defaults are the paper's (appendix C.1).</summary>
public sealed record LinearEvalOptions
{
    /// <summary>Base learning rates to choose from; each is multiplied by batch / 256. Default 0.4, 0.3, 0.2, 0.1, 0.05.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [0.4, 0.3, 0.2, 0.1, 0.05];

    /// <summary>Samples a step, at least 1; capped at the number of training samples. Default 1024.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Passes over the training samples, at least 1. Default 80.</summary>
    public int Epochs { get; init; } = 80;

    /// <summary>Nesterov momentum in [0, 1). Default 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>
    /// True brings every dimension to mean 0 and deviation 1 over the training samples first. Deviates from the paper, which takes the
    /// representations as they are; useful for encoders without a last normalisation, whose scale no learning rate fits. Default false.
    /// </summary>
    public bool Standardize { get; init; }

    /// <summary>Seed of the held-out part and of the order of the samples. Default 0.</summary>
    public long Seed { get; init; }
}

/// <summary>How far a linear evaluation is.</summary>
/// <param name="Stage">"sweep" while the learning rates are compared, "refit" after.</param>
/// <param name="Step">Steps done of this stage.</param>
/// <param name="Steps">Steps of this stage.</param>
public readonly record struct LinearEvalProgress(string Stage, long Step, long Steps);

/// <summary>A learning rate and what it reached on the held-out part of the training samples.</summary>
/// <param name="Lr">Base learning rate.</param>
/// <param name="ValidationTop1">Share of the held-out samples classified rightly; absent where nothing could be held out.</param>
public sealed record LearningRateTrial(double Lr, double? ValidationTop1);

/// <summary>What a linear classifier on frozen representations reaches.</summary>
/// <param name="Top1">Share of the test samples with the true class first, in [0, 1].</param>
/// <param name="Top5">Share with the true class among the first five.</param>
/// <param name="Lr">Base learning rate chosen on the held-out part.</param>
/// <param name="NTrain">Labelled training samples, the held-out part included.</param>
/// <param name="NTest">Labelled test samples.</param>
public sealed record LinearEvalResult(double Top1, double Top5, double Lr, int NTrain, int NTest)
{
    /// <summary>Accuracy averaged over classes; see <see cref="Metrics.MeanPerClass"/>.</summary>
    public required double MeanPerClass { get; init; }

    /// <summary>Every learning rate tried.</summary>
    public required IReadOnlyList<LearningRateTrial> Sweep { get; init; }

    /// <summary>Place of the true class for each labelled test sample, 0 for the best; for <see cref="Metrics.BootstrapTop1"/>.</summary>
    [JsonIgnore]
    public required IReadOnlyList<int> Ranks { get; init; }

    /// <summary>The classifier that was tested; for standardised representations where <see cref="LinearEvalOptions.Standardize"/>.</summary>
    [JsonIgnore]
    public required LinearClassifier Classifier { get; init; }
}

/// <summary>
/// Linear evaluation: "we train a linear classifier on top of the frozen representation" (paper, 4.1 and C.1). The learning rate is chosen on
/// a held-out part of the training samples, the classifier fitted anew on all of them, and the test samples are looked at once.
/// </summary>
/// <remarks>
/// Works on representations computed once, so training sees no crops and flips as the paper's does. Starts from zero weights: the problem is
/// convex, and the result then depends on nothing but the order of the samples.
/// </remarks>
public static class LinearEval
{
    private const double SingleRate = 0.2; // the authors' code (configs/eval.py), for want of held-out samples

    /// <summary>Evaluates representations.</summary>
    /// <param name="train">Training samples; those without a label take no part.</param>
    /// <param name="test">Test samples of the same encoder.</param>
    /// <param name="options">Absent: the paper's.</param>
    /// <param name="progress">Told about every hundredth of a stage.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">A set has no label, or the two do not fit together.</exception>
    public static LinearEvalResult Evaluate(
        FeatureSet train,
        FeatureSet test,
        LinearEvalOptions? options = null,
        IProgress<LinearEvalProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        options = Validated(options ?? new());
        train = Guard.Labelled(train, "training");
        test = Guard.Aligned(train, Guard.Labelled(test, "test"));
        if (options.Standardize)
        {
            var scaling = Standardizer.Of(train);
            (train, test) = (scaling.Apply(train), scaling.Apply(test));
        }

        var (heldOut, rest) = ClassDraw.HoldOut(train.Labels, options.Seed);
        IReadOnlyList<LearningRateTrial> sweep = [.. options.LearningRates.Select(lr => new LearningRateTrial(lr, null))];
        double best = options.LearningRates.MinBy(lr => Math.Abs(lr - SingleRate));
        if (heldOut.Length > 0 && sweep.Count > 1)
        {
            var validation = train.Select(heldOut);
            var candidates = SoftmaxRegression.Fit(train.Select(rest), options.LearningRates, options, Report("sweep"), cancellation);
            sweep = [.. sweep.Zip(candidates, (trial, c) => trial with { ValidationTop1 = Metrics.TopK(c.Ranks(validation), 1) })];
            best = sweep.MaxBy(trial => trial.ValidationTop1)!.Lr;
        }
        var classifier = SoftmaxRegression.Fit(train, [best], options, Report("refit"), cancellation)[0];
        int[] ranks = classifier.Ranks(test);
        return new(Metrics.TopK(ranks, 1), Metrics.TopK(ranks, 5), best, train.Count, test.Count)
        {
            MeanPerClass = Metrics.MeanPerClass(ranks, test.Labels),
            Sweep = sweep,
            Ranks = ranks,
            Classifier = classifier,
        };

        Action<long, long> Report(string stage) => (step, steps) => progress?.Report(new(stage, step, steps));
    }

    private static LinearEvalOptions Validated(LinearEvalOptions options)
    {
        var rates = options.LearningRates;
        Require(rates.Count > 0 && rates.All(lr => lr > 0), "learningRates must be one or more numbers above 0");
        Require(options.BatchSize >= 1, "batchSize must be at least 1");
        Require(options.Epochs >= 1, "epochs must be at least 1");
        Require(options.Momentum is >= 0 and < 1, "momentum must be from 0 to below 1");
        return options;

        static void Require(bool holds, string rule)
        {
            if (!holds)
            {
                throw new ConfigurationException($"linear evaluation: {rule}");
            }
        }
    }
}
