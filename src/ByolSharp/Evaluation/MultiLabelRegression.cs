using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Representations of samples that may have several classes, or none.</summary>
/// <param name="Features">Representations; their own labels are not looked at.</param>
/// <param name="Truth">A row a sample with a value a class: 1, 0 or <see cref="AveragePrecision.Ignored"/>.</param>
/// <param name="ClassNames">Names in the order of the values.</param>
public sealed record MultiLabelSet(FeatureSet Features, IReadOnlyList<IReadOnlyList<sbyte>> Truth, IReadOnlyList<string> ClassNames)
{
    internal MultiLabelSet Select(IReadOnlyList<int> samples) => new(Features.Select(samples), [.. samples.Select(i => Truth[i])], ClassNames);

    internal sbyte[] TruthOf(int label) => [.. Truth.Select(row => row[label])];
}

/// <summary>A penalty and what it reached on the validation samples.</summary>
/// <param name="Lambda">Penalty.</param>
/// <param name="ValidationMap">Mean average precision.</param>
public sealed record MultiLabelTrial(double Lambda, double ValidationMap);

/// <summary>What independent classifiers on frozen representations reach.</summary>
/// <param name="Map">Mean over classes of <see cref="AveragePrecision.ElevenPoint(IReadOnlyList{double}, IReadOnlyList{sbyte})"/>.</param>
/// <param name="Interval">Its 95% percentile bootstrap over test samples.</param>
/// <param name="PerClass">Average precision of each class; null where no test sample has it.</param>
/// <param name="Lambda">The penalty chosen.</param>
/// <param name="Sweep">Every penalty tried, from the largest.</param>
/// <param name="NTrain">Training samples, held-out ones included.</param>
/// <param name="NTest">Test samples.</param>
public sealed record MultiLabelResult(
    double Map, ConfidenceInterval Interval, IReadOnlyList<double?> PerClass, double Lambda, IReadOnlyList<MultiLabelTrial> Sweep, int NTrain, int NTest);

/// <summary>
/// The paper's transfer protocol (appendix D.2) for data with several classes a sample (VOC 2007): a logistic regression for each class with an L2
/// penalty, one penalty for all, chosen on a held-out tenth of the training samples; fitted anew on all; the test samples looked at once.
/// </summary>
public static class MultiLabelRegression
{
    private const int Resamples = 500;
    private const double Confidence = 0.95;

    /// <summary>Evaluates representations.</summary>
    /// <param name="train">Training samples.</param>
    /// <param name="test">Test samples of the same encoder, with the same classes.</param>
    /// <param name="options">Absent: the paper's.</param>
    /// <param name="cancellation">Stops between iterations.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">No class occurs among the held-out, or among the test samples.</exception>
    public static MultiLabelResult Evaluate(
        MultiLabelSet train, MultiLabelSet test, LogisticRegressionOptions? options = null, CancellationToken cancellation = default)
    {
        options = LogisticRegression.Validated(options ?? new());
        var (heldOut, rest) = ClassDraw.HoldOut(new int[train.Features.Count], options.Seed);
        MultiLabelSet fitted = train.Select(rest), chosenOn = train.Select(heldOut);
        var sweep = new List<MultiLabelTrial>();
        double[]? start = null;
        foreach (double lambda in LogGrid.Between(options.LambdaMax, options.LambdaMin, options.LambdaCount))
        {
            start = Solve(fitted, lambda, options, start, cancellation);
            sweep.Add(new(lambda, Mean(PerClass(Rankings(start, chosenOn), chosenOn, null), "held-out training")));
        }
        double best = sweep.MaxBy(trial => trial.ValidationMap)!.Lambda; // of equals the largest: the simplest classifier
        int[][] rankings = Rankings(Solve(train, best, options, null, cancellation), test);
        var perClass = PerClass(rankings, test, null);
        return new(Mean(perClass, "test"), Bootstrap(rankings, test), perClass, best, sweep, train.Features.Count, test.Features.Count);
    }

    private static double[] Solve(
        MultiLabelSet train, double lambda, LogisticRegressionOptions options, double[]? start, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        double[] truth = [.. train.Truth.SelectMany(row => row.Select(t => t == 1 ? 1.0 : 0))];
        double[] counts = [.. train.Truth.SelectMany(row => row.Select(t => t == AveragePrecision.Ignored ? 0.0 : 1))];
        long[] shape = [train.Features.Count, train.ClassNames.Count];
        Tensor y = tensor(truth).view(shape), weight = tensor(counts).view(shape);
        using Scalar share = 1.0 / train.Features.Count; // named: see SoftmaxRegression
        return PenalisedLinear.Solve(train.Features, train.ClassNames.Count, alternatives: 2, lambda, options, start, BinaryCrossEntropy, cancellation);

        (double, Tensor) BinaryCrossEntropy(Tensor logits)
        {
            var absent = nn.functional.logsigmoid(-logits) * y.logical_not().to(ScalarType.Float64);
            var loss = -(nn.functional.logsigmoid(logits) * y).add_(absent, Scalars.One);
            return ((loss * weight).sum().item<double>() / train.Features.Count, ((logits.sigmoid() - y) * weight).mul_(share));
        }
    }

    private static int[][] Rankings(double[] solution, MultiLabelSet set)
    {
        int classes = set.ClassNames.Count, size = set.Features.Size;
        using var scope = NewDisposeScope();
        var all = tensor(solution);
        var scores = set.Features.AsTensor().to(ScalarType.Float64).mm(all.narrow(0, 0, classes * size).view(classes, size).t()).t().contiguous();
        double[] values = [.. scores.data<double>()]; // the bias moves no rank
        int count = set.Features.Count;
        return [.. Enumerable.Range(0, classes).Select(c => AveragePrecision.Ranking(values[(c * count)..((c + 1) * count)], set.TruthOf(c)))];
    }

    private static double?[] PerClass(int[][] rankings, MultiLabelSet set, int[]? times) =>
        [.. rankings.Select((ranking, c) => AveragePrecision.ElevenPoint(ranking, set.TruthOf(c), times))];

    private static double Mean(IReadOnlyList<double?> perClass, string what) => perClass.Average()
        ?? throw new UnusableDataException($"none of the classes occurs among the {what} samples: give more samples");

    private static ConfidenceInterval Bootstrap(int[][] rankings, MultiLabelSet test)
    {
        var maps = new double[Resamples];
        sbyte[][] truth = [.. rankings.Select((_, c) => test.TruthOf(c))];
        Parallel.For(0, Resamples, resample =>
        {
            var random = new SampleRandom(0, index: resample);
            int[] times = Metrics.DrawTimes(test.Features.Count, ref random);
            maps[resample] = rankings.Select((ranking, c) => AveragePrecision.ElevenPoint(ranking, truth[c], times)).Average() ?? 0;
        });
        return Metrics.PercentileInterval(maps, Confidence);
    }
}
