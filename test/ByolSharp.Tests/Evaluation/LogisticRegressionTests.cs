using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;

namespace ByolSharp.Tests.Evaluation;

public sealed class LogisticRegressionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_gradient_at_the_solution_is_nought()
    {
        var train = Blobs.Draw(200, 6, 4, 1.5, 1);
        const double lambda = 0.7;
        var solution = LogisticRegression.Fit(train, lambda, cancellation: Token);
        var gradient = Gradient(train, solution, lambda);

        Assert.All(gradient, g => Assert.InRange(g / train.Count, -3e-5, 3e-5));
    }

    [Fact]
    public void Agrees_with_a_minimum_found_by_bisection()
    {
        // One feature, classes {0: x = -1, 1: x = +1} equally often: by symmetry W = (-w, w), b = 0, and the loss is
        // n log(1 + exp(-2w)) + lambda w^2, whose derivative -2n / (1 + exp(2w)) + 2 lambda w has one root.
        const double lambda = 0.5;
        var train = new FeatureSet([-1, 1, -1, 1, -1, 1], 1, [0, 1, 0, 1, 0, 1]);
        double low = 0, high = 10;
        for (int i = 0; i < 60; i++)
        {
            double w = (low + high) / 2;
            (low, high) = -2 * 6 / (1 + Math.Exp(2 * w)) + 2 * lambda * w < 0 ? (w, high) : (low, w);
        }
        var solution = LogisticRegression.Fit(train, lambda, new() { GradientTolerance = 1e-8 }, cancellation: Token);

        Assert.Equal(-low, solution.Weights[0], 4);
        Assert.Equal(low, solution.Weights[1], 4);
        Assert.Equal(0, solution.Bias[0], 4);
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1)]
    [InlineData(1e3)]
    public void The_optimum_is_Newtons_to_a_millionth(double lambda)
    {
        var train = Blobs.Draw(300, 10, 5, 1.5, 1);
        double found = NewtonLogistic.LossOf(train, LogisticRegression.Fit(train, lambda, cancellation: Token), lambda);

        Assert.InRange(found / NewtonLogistic.Minimum(train, lambda), 1 - 1e-9, 1 + 1e-6);
    }

    [Theory]
    [InlineData(1e-2)]
    [InlineData(1)]
    [InlineData(100)]
    public void On_representations_of_CIFAR_10_too(double lambda)
    {
        using var data = ImageSources.Open(TestData.Find("cifar10", "test"));
        using var encoder = BackboneFactory.Create(new() { Name = "resnet8", ImageSize = 32 }, seed: 0);
        using var first = new ImageSubset(data, [.. Enumerable.Range(0, 500)]);
        var train = FeatureExtractor.Extract(encoder, new ImageEvalSource(first, new EvalTransform(new(), 32, channels: 3)), cancellation: Token).Features;
        double found = NewtonLogistic.LossOf(train, LogisticRegression.Fit(train, lambda, cancellation: Token), lambda);

        Assert.InRange(found / NewtonLogistic.Minimum(train, lambda), 1 - 1e-9, 1 + 1e-6);
    }

    [Fact]
    public void Shuffled_labels_are_learned_no_better_than_by_chance()
    {
        var train = Blobs.WithShuffledLabels(Blobs.Draw(500, 16, 5, 0.3, 1), 3);
        var test = Blobs.WithShuffledLabels(Blobs.Draw(500, 16, 5, 0.3, 2), 4);
        double top1 = LogisticRegression.Evaluate(train, test, options: new() { LambdaCount = 12 }, cancellation: Token).Top1;

        Assert.InRange(top1, 0.2 - 4 * 0.018, 0.2 + 4 * 0.018); // 0.018: standard error of chance at 500 samples
    }

    /// <summary>Neither labels nor representations of the test set may reach what is fitted: here both are spoiled.</summary>
    [Fact]
    public void A_spoiled_test_set_changes_neither_the_penalty_nor_the_weights()
    {
        FeatureSet train = Blobs.Draw(120, 20, 4, 2, 1), test = Blobs.Draw(400, 20, 4, 2, 2);
        var spoiled = new FeatureSet([.. test.Values.ToArray().Select(v => 1e4f - v)], 20, [.. Enumerable.Repeat(3, 400)], classNames: test.ClassNames);
        LogisticRegressionResult honest = Run(test), misled = Run(spoiled);

        Assert.Equal(honest.Lambda, misled.Lambda);
        Assert.Equal(honest.Sweep, misled.Sweep);
        Assert.Equal(honest.Classifier.Weights.ToArray(), misled.Classifier.Weights.ToArray());

        LogisticRegressionResult Run(FeatureSet scored) =>
            LogisticRegression.Evaluate(train, scored, options: new() { LambdaCount = 12 }, cancellation: Token);
    }

    [Fact]
    public void Without_weights_the_bias_is_the_classes_share()
    {
        int[] labels = [.. Enumerable.Repeat(0, 60), .. Enumerable.Repeat(1, 30), .. Enumerable.Repeat(2, 10)];
        var solution = LogisticRegression.Fit(new(new float[100], 1, labels), 1, cancellation: Token);

        Assert.Equal(Math.Log(6), solution.Bias[0] - solution.Bias[2], 3);
        Assert.Equal(Math.Log(3), solution.Bias[1] - solution.Bias[2], 3);
    }

    [Fact]
    public void Chooses_the_penalty_on_validation_samples_and_tests_once()
    {
        FeatureSet train = Blobs.Draw(120, 20, 4, 2, 1), test = Blobs.Draw(400, 20, 4, 2, 2), validation = Blobs.Draw(200, 20, 4, 2, 3);
        var options = new LogisticRegressionOptions { LambdaCount = 12 };
        var honest = LogisticRegression.Evaluate(train, test, validation, options, cancellation: Token);
        var misled = LogisticRegression.Evaluate(train, Blobs.WithShuffledLabels(test, 5), validation, options, cancellation: Token);

        Assert.Equal(honest.Sweep, misled.Sweep);
        Assert.Equal(honest.Classifier.Weights.ToArray(), misled.Classifier.Weights.ToArray());
        Assert.Equal(320, honest.NTrain);
        Assert.Equal(12, honest.Sweep.Count);
        Assert.InRange(honest.Sweep[0].Lambda, 0.999e5, 1.001e5);
        Assert.InRange(honest.Sweep[^1].Lambda, 0.999e-6, 1.001e-6);
        Assert.Equal(honest.Sweep.First(t => t.ValidationTop1 == honest.Sweep.Max(u => u.ValidationTop1)).Lambda, honest.Lambda);
        Assert.True(honest.Top1 > 0.6, $"{honest.Top1}");
    }

    [Fact]
    public void Holds_a_part_back_where_no_validation_set_is_given()
    {
        FeatureSet train = Blobs.Draw(400, 8, 4, 0.3, 1), test = Blobs.Draw(200, 8, 4, 0.3, 2);
        var result = LogisticRegression.Evaluate(train, test, options: new() { LambdaCount = 5 }, cancellation: Token);

        Assert.True(result.Top1 > 0.99);
        Assert.Equal(400, result.NTrain);
        Assert.Throws<UnusableDataException>(() => LogisticRegression.Evaluate(Blobs.Draw(4, 8, 4, 0.3, 1), test, cancellation: Token));
    }

    [Fact]
    public void Of_few_samples_none_is_held_back_twice_to_choose_the_penalty()
    {
        int[] labels = [.. Enumerable.Range(0, 304).Select(i => i % 5)];
        var splits = ClassDraw.HoldOuts(labels, seed: 3).ToList();

        Assert.Equal(10, splits.Count);
        Assert.All(splits, split =>
        {
            Assert.Equal(30, split.Drawn.Length);
            Assert.Equal(Enumerable.Range(0, 304), split.Drawn.Concat(split.Others).Order());
            Assert.All(split.Drawn.GroupBy(i => labels[i]), members => Assert.Equal(6, members.Count()));
        });
        Assert.Equal(300, splits.SelectMany(split => split.Drawn).Distinct().Count());
        Assert.Equal(ClassDraw.HoldOut(labels, seed: 3).Drawn, splits[0].Drawn);

        Assert.Single(ClassDraw.HoldOuts(new int[5000], seed: 3)); // a tenth of these is enough
        Assert.Equal([1, 1, 1], ClassDraw.HoldOuts([0, 0, 1], seed: 3).Take(3).Select(split => split.Drawn.Length)); // never a class's only sample
        Assert.Empty(ClassDraw.HoldOuts([0, 1, 2], seed: 3));
    }

    [Fact]
    public void One_lucky_held_out_tenth_does_not_choose_the_penalty()
    {
        FeatureSet train = Blobs.Draw(120, 20, 4, 2, 1), test = Blobs.Draw(400, 20, 4, 2, 2);
        var result = LogisticRegression.Evaluate(train, test, options: new() { LambdaCount = 12 }, cancellation: Token);

        // 12 samples know thirteen accuracies, 120 as good as any.
        Assert.Contains(result.Sweep, trial => Math.Abs(trial.ValidationTop1 * 12 - Math.Round(trial.ValidationTop1 * 12)) > 0.01);
    }

    private static List<double> Gradient(FeatureSet train, LinearClassifier solution, double lambda)
    {
        int classes = solution.ClassNames.Count;
        double[,] gradient = new double[classes, train.Size + 1];
        for (int i = 0; i < train.Count; i++)
        {
            var scores = new double[classes];
            for (int c = 0; c < classes; c++)
            {
                scores[c] = solution.Bias[c];
                for (int j = 0; j < train.Size; j++)
                {
                    scores[c] += solution.Weights[c * train.Size + j] * train[i][j];
                }
            }
            double sum = scores.Sum(Math.Exp);
            for (int c = 0; c < classes; c++)
            {
                double error = Math.Exp(scores[c]) / sum - (train.Labels[i] == c ? 1 : 0);
                for (int j = 0; j < train.Size; j++)
                {
                    gradient[c, j] += error * train[i][j];
                }
                gradient[c, train.Size] += error;
            }
        }
        for (int c = 0; c < classes; c++)
        {
            for (int j = 0; j < train.Size; j++)
            {
                gradient[c, j] += lambda * solution.Weights[c * train.Size + j];
            }
        }
        return [.. gradient.Cast<double>()];
    }
}
