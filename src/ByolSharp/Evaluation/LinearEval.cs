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

    /// <summary>
    /// Above 0 the logits x become c tanh(x / c) in the loss, with c this number. Paper, table 7: 20 in the regularised variant. Default 0: as
    /// they are.
    /// </summary>
    public double LogitClip { get; init; }

    /// <summary>
    /// Times the mean of the squared clipped logits is added to the loss, 0 or more; needs <see cref="LogitClip"/>. Paper, table 7: 0.01 in the
    /// regularised variant. Default 0.
    /// </summary>
    public double LogitPenalty { get; init; }

    /// <summary>Seed of the held-out part, of the order of the samples and of augmentations. Default 0.</summary>
    public long Seed { get; init; }

    /// <summary>The paper's regularised variant (table 7): logits clipped at 20, 0.01 times their mean square added to the loss.</summary>
    public static LinearEvalOptions Regularised { get; } = new() { LogitClip = 20, LogitPenalty = 0.01 };
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
public sealed record LinearEvalResult : ClassificationResult
{
    internal LinearEvalResult(IReadOnlyList<int> ranks, IReadOnlyList<int> labels, int nTrain) : base(ranks, labels, nTrain) { }

    /// <summary>Base learning rate chosen on the held-out part.</summary>
    public required double Lr { get; init; }

    /// <summary>Every learning rate tried.</summary>
    public required IReadOnlyList<LearningRateTrial> Sweep { get; init; }

    /// <summary>The classifier that was tested; for standardised representations where <see cref="LinearEvalOptions.Standardize"/>.</summary>
    [JsonIgnore]
    public required LinearClassifier Classifier { get; init; }
}

/// <summary>
/// Linear evaluation: "we train a linear classifier on top of the frozen representation" (paper, 4.1 and C.1). The learning rate is chosen on
/// a held-out part of the training samples, the classifier fitted anew on all of them, and the test samples are looked at once.
/// </summary>
/// <remarks>
/// Starts from zero weights: the problem is convex, and the result then depends on nothing but the samples and their order.
/// </remarks>
public static class LinearEval
{
    private const double SingleRate = 0.2; // the authors' code (configs/eval.py), for want of held-out samples

    /// <summary>Evaluates representations that were computed once, so that training sees no crops and flips as the paper's does.</summary>
    /// <param name="train">Training samples; those without a label take no part.</param>
    /// <param name="test">Test samples of the same encoder.</param>
    /// <param name="options">Absent: the paper's.</param>
    /// <param name="progress">Told about every hundredth of a stage.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">A set has no label, or the two do not fit together.</exception>
    public static LinearEvalResult Evaluate(
        FeatureSet train, FeatureSet test, LinearEvalOptions? options = null, IProgress<LinearEvalProgress>? progress = null,
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
        return Choose(
            train.Labels, options,
            (samples, rates, stage) => SoftmaxRegression.Fit(samples.Count < train.Count ? train.Select(samples) : train, rates, options, Report(progress, stage), cancellation),
            train.Select,
            () => test);
    }

    /// <summary>
    /// Evaluates an encoder as the paper does: the classifier learns from augmented views, the encoder and its batch-norm statistics stay
    /// as they are. Each epoch is a forward pass over all samples.
    /// </summary>
    /// <param name="encoder">In evaluation mode for the time; no parameter and no buffer changes.</param>
    /// <param name="train">Training samples with their augmentation; those without a label take no part.</param>
    /// <param name="samples">Which of them to learn from; null: all.</param>
    /// <param name="test">Test samples; unreadable ones are left out.</param>
    /// <param name="options">Absent: the paper's.</param>
    /// <param name="progress">Told about every hundredth of a stage.</param>
    /// <param name="cancellation">Stops between steps.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">A set has no label, or the two do not fit together.</exception>
    public static LinearEvalResult Evaluate(
        Backbone encoder, ITrainingSource train, IReadOnlyList<int>? samples, IEvalSource test, LinearEvalOptions? options = null,
        IProgress<LinearEvalProgress>? progress = null, CancellationToken cancellation = default)
    {
        options = Validated(options ?? new());
        if (options.Standardize)
        {
            throw new ConfigurationException("linear evaluation: standardize works on representations computed once, not on augmented views");
        }
        int[] chosen = Guard.Labelled(train, samples);
        bool wasTraining = encoder.training;
        encoder.eval();
        try
        {
            return Choose(
                [.. chosen.Select(train.LabelOf)], options,
                (part, rates, stage) => SoftmaxRegression.Fit(
                    encoder, train.Augmented(Of(part), options.Seed), train.ClassNames, rates, options, Report(progress, stage), cancellation),
                part => Extract(new EvalSubset(train, Of(part))),
                () => Guard.Aligned(train.ClassNames, Guard.Labelled(Extract(test), "test")));
        }
        finally
        {
            encoder.train(wasTraining);
        }

        int[] Of(IReadOnlyList<int> part) => [.. part.Select(i => chosen[i])];

        FeatureSet Extract(IEvalSource source) => FeatureExtractor.Extract(encoder, source, cancellation: cancellation).Features;
    }

    private delegate LinearClassifier[] FitTo(IReadOnlyList<int> samples, IReadOnlyList<double> learningRates, string stage);

    /// <summary>Chooses the learning rate on held-out samples, fits to all samples, then looks at the test samples.</summary>
    private static LinearEvalResult Choose(
        IReadOnlyList<int> labels, LinearEvalOptions options, FitTo fit, Func<IReadOnlyList<int>, FeatureSet> extract, Func<FeatureSet> testSet)
    {
        var (heldOut, rest) = ClassDraw.HoldOut(labels, options.Seed);
        IReadOnlyList<LearningRateTrial> sweep = [.. options.LearningRates.Select(lr => new LearningRateTrial(lr, null))];
        double best = options.LearningRates.MinBy(lr => Math.Abs(lr - SingleRate));
        if (heldOut.Length > 0 && sweep.Count > 1)
        {
            var candidates = fit(rest, options.LearningRates, "sweep");
            var validation = extract(heldOut);
            sweep = [.. sweep.Zip(candidates, (trial, c) => trial with { ValidationTop1 = Metrics.TopK(c.Ranks(validation), 1) })];
            best = sweep.MaxBy(trial => trial.ValidationTop1)!.Lr;
        }
        var classifier = fit([.. Enumerable.Range(0, labels.Count)], [best], "refit")[0];
        var test = testSet();
        return new(classifier.Ranks(test), test.Labels, labels.Count) { Lr = best, Sweep = sweep, Classifier = classifier };
    }

    private static Action<long, long> Report(IProgress<LinearEvalProgress>? progress, string stage) =>
        (step, steps) => progress?.Report(new(stage, step, steps));

    private static LinearEvalOptions Validated(LinearEvalOptions options)
    {
        var rates = options.LearningRates;
        Require(rates.Count > 0 && rates.All(lr => lr > 0), "learningRates must be one or more numbers above 0");
        Require(options.BatchSize >= 1, "batchSize must be at least 1");
        Require(options.Epochs >= 1, "epochs must be at least 1");
        Require(options.Momentum is >= 0 and < 1, "momentum must be from 0 to below 1");
        Require(options.LogitClip is >= 0 and <= 1e6, "logitClip must be from 0 to 1,000,000");
        Require(options.LogitPenalty is >= 0 and <= 1e6, "logitPenalty must be from 0 to 1,000,000");
        Require(options.LogitPenalty == 0 || options.LogitClip > 0, "logitPenalty needs a logitClip above 0");
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
