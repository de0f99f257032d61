using System.Text.Json.Serialization;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Settings of <see cref="LogisticRegression"/>; the defaults are the paper's (appendix D.2).</summary>
public sealed record LogisticRegressionOptions
{
    /// <summary>Smallest penalty lambda tried, above 0. Default 1e-6.</summary>
    public double LambdaMin { get; init; } = 1e-6;

    /// <summary>Largest penalty lambda tried, at least <see cref="LambdaMin"/>. Default 1e5.</summary>
    public double LambdaMax { get; init; } = 1e5;

    /// <summary>Number of penalties, evenly spaced in the logarithm, at least 1. Default 45; 12 cost a quarter and choose nearly as well.</summary>
    public int LambdaCount { get; init; } = 45;

    /// <summary>Most iterations of L-BFGS a penalty, at least 1; each starts from the solution for the next larger penalty. Default 200.</summary>
    public int MaxIterations { get; init; } = 200;

    /// <summary>
    /// Largest component of the mean loss' gradient, over weights scaled to a curvature of about 1, at which a fit counts as solved, above 0. Default
    /// 1e-5: the loss is then within a millionth of its minimum.
    /// </summary>
    public double GradientTolerance { get; init; } = 1e-5;

    /// <summary>Seed of the held-out part, where no validation set is given. Default 0.</summary>
    public long Seed { get; init; }
}

/// <summary>A penalty and what it reached on the validation samples.</summary>
/// <param name="Lambda">Penalty.</param>
/// <param name="ValidationTop1">Share of the validation samples classified rightly.</param>
public sealed record LambdaTrial(double Lambda, double ValidationTop1);

/// <summary>What logistic regression on frozen representations reaches.</summary>
public sealed record LogisticRegressionResult : ClassificationResult
{
    internal LogisticRegressionResult(IReadOnlyList<int> ranks, IReadOnlyList<int> labels, int nTrain) : base(ranks, labels, nTrain) { }

    /// <summary>Penalty chosen on the validation samples.</summary>
    public required double Lambda { get; init; }

    /// <summary>Every penalty tried, from the largest.</summary>
    public required IReadOnlyList<LambdaTrial> Sweep { get; init; }

    /// <summary>The classifier that was tested.</summary>
    [JsonIgnore]
    public required LinearClassifier Classifier { get; init; }
}

/// <summary>
/// Multinomial logistic regression with an L2 penalty by L-BFGS, the paper's protocol for transfer to other data (appendix D.2): the penalty
/// is chosen on validation samples, the classifier fitted anew on training and validation samples, the test samples looked at once.
/// </summary>
/// <remarks>
/// The loss is sum_i cross-entropy_i + lambda / 2 |W|^2, the bias not penalised; the paper does not say whether it sums or averages.
/// </remarks>
public static class LogisticRegression
{
    /// <summary>Evaluates representations.</summary>
    /// <param name="train">Training samples; those without a label take no part.</param>
    /// <param name="test">Test samples of the same encoder.</param>
    /// <param name="validation">Samples to choose the penalty on; absent: a tenth of each class of the training samples; of small sets other tenths too, at most all ten, until 500 samples were held back once.</param>
    /// <param name="options">Absent: the paper's.</param>
    /// <param name="progress">Told the penalties done and all, the last fit among them.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">
    /// A set has no label, the sets do not fit together, or each class has one sample only, so that none can be held out.
    /// </exception>
    public static LogisticRegressionResult Evaluate(
        FeatureSet train,
        FeatureSet test,
        FeatureSet? validation = null,
        LogisticRegressionOptions? options = null,
        IProgress<(int Done, int Total)>? progress = null,
        CancellationToken cancellation = default)
    {
        options = Validated(options ?? new());
        train = Guard.Labelled(train, "training");
        test = Guard.Aligned(train, Guard.Labelled(test, "test"));
        FeatureSet all = train;
        (FeatureSet Fitted, FeatureSet ChosenOn)[] parts;
        if (validation is not null)
        {
            parts = [(train, Guard.Aligned(train, Guard.Labelled(validation, "validation")))];
            all = Join(train, parts[0].ChosenOn);
        }
        else
        {
            parts = [.. ClassDraw.HoldOuts(train.Labels, options.Seed).Select(split => (train.Select(split.Others), train.Select(split.Drawn)))];
            if (parts.Length == 0)
            {
                throw new UnusableDataException(
                    "logistic regression chooses its penalty on held-out samples: give at least two samples a class");
            }
        }

        var sweep = new List<LambdaTrial>();
        var starts = new double[parts.Length][];
        foreach (double lambda in LogGrid.Between(options.LambdaMax, options.LambdaMin, options.LambdaCount))
        {
            var ranks = new List<int>();
            for (int i = 0; i < parts.Length; i++)
            {
                starts[i] = Solve(parts[i].Fitted, lambda, options, starts[i], cancellation);
                ranks.AddRange(PenalisedLinear.ToClassifier(starts[i], train.ClassNames).Ranks(parts[i].ChosenOn));
            }
            sweep.Add(new(lambda, Metrics.TopK(ranks, 1)));
            progress?.Report((sweep.Count, options.LambdaCount + 1));
        }
        double best = sweep.MaxBy(trial => trial.ValidationTop1)!.Lambda; // of equals the largest: the simplest classifier
        var classifier = Fit(all, best, options, cancellation);
        return new(classifier.Ranks(test), test.Labels, all.Count) { Lambda = best, Sweep = sweep, Classifier = classifier };
    }

    /// <summary>Fits one classifier.</summary>
    /// <param name="train">Training samples; those without a label take no part.</param>
    /// <param name="lambda">Penalty, at least 0; 0 has no solution where the classes can be separated without error.</param>
    /// <param name="options">Iterations and tolerance.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    public static LinearClassifier Fit(
        FeatureSet train, double lambda, LogisticRegressionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lambda);
        train = Guard.Labelled(train, "training");
        return PenalisedLinear.ToClassifier(Solve(train, lambda, Validated(options ?? new()), null, cancellation), train.ClassNames);
    }

    private static double[] Solve(
        FeatureSet train, double lambda, LogisticRegressionOptions options, double[]? start, CancellationToken cancellation)
    {
        int classes = train.ClassNames.Count;
        using var scope = NewDisposeScope();
        var truth = tensor(train.Labels.Select(label => (long)label).ToArray()).unsqueeze(1);
        var minusOne = ones_like(truth, dtype: ScalarType.Float64).neg_();
        using Scalar share = 1.0 / train.Count; // named: see SoftmaxRegression
        return PenalisedLinear.Solve(train, classes, alternatives: classes, lambda, options, start, CrossEntropy, cancellation);

        (double, Tensor) CrossEntropy(Tensor logits)
        {
            var logProbabilities = logits - logits.logsumexp(1, keepdim: true);
            double loss = -logProbabilities.gather(1, truth).mean().item<double>();
            return (loss, logProbabilities.exp().scatter_add_(1, truth, minusOne).mul_(share));
        }
    }

    private static FeatureSet Join(FeatureSet a, FeatureSet b) =>
        new([.. a.Values, .. b.Values], a.Size, [.. a.Labels, .. b.Labels], [.. a.Names, .. b.Names], a.ClassNames);

    internal static LogisticRegressionOptions Validated(LogisticRegressionOptions options)
    {
        bool holds = options.LambdaMin > 0 && options.LambdaMax >= options.LambdaMin && options.LambdaCount >= 1
            && options.MaxIterations >= 1 && options.GradientTolerance > 0;
        return holds
            ? options
            : throw new ConfigurationException(
                "logistic regression needs 0 < lambdaMin <= lambdaMax, lambdaCount >= 1, maxIterations >= 1 and gradientTolerance > 0");
    }
}
