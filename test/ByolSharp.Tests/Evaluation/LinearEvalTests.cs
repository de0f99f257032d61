using ByolSharp.Evaluation;
using ByolSharp.Tests.Images.Backbones;

namespace ByolSharp.Tests.Evaluation;

public sealed class LinearEvalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Separates_what_a_line_separates()
    {
        var result = LinearEval.Evaluate(Blobs.Draw(1000, 16, 5, 0.3, 1), Blobs.Draw(500, 16, 5, 0.3, 2), cancellation: Token);

        Assert.True(result.Top1 > 0.99, $"{result.Top1}");
        Assert.Equal(1, result.Top5);
        Assert.Equal((1000, 500), (result.NTrain, result.NTest));
        Assert.Equal(5, result.Sweep.Count);
    }

    [Fact]
    public void Shuffled_labels_are_learned_no_better_than_by_chance()
    {
        var train = Blobs.WithShuffledLabels(Blobs.Draw(1000, 16, 5, 0.3, 1), 3);
        var test = Blobs.WithShuffledLabels(Blobs.Draw(500, 16, 5, 0.3, 2), 4);

        Assert.InRange(LinearEval.Evaluate(train, test, cancellation: Token).Top1, 0.2 - 4 * 0.018, 0.2 + 4 * 0.018);
    }

    [Fact]
    public void The_choice_of_the_learning_rate_does_not_depend_on_the_test_set()
    {
        FeatureSet train = Blobs.Draw(600, 8, 6, 1.5, 1), test = Blobs.Draw(300, 8, 6, 1.5, 2);
        var honest = LinearEval.Evaluate(train, test, cancellation: Token);
        var misled = LinearEval.Evaluate(train, Blobs.WithShuffledLabels(test, 9), cancellation: Token);

        Assert.Equal(honest.Lr, misled.Lr);
        Assert.Equal(honest.Sweep, misled.Sweep);
        Assert.Equal(honest.Sweep.Max(t => t.ValidationTop1), honest.Sweep.First(t => t.Lr == honest.Lr).ValidationTop1);
        Assert.Equal(honest.Classifier.Weights.ToArray(), misled.Classifier.Weights.ToArray());
        Assert.True(honest.Top1 > misled.Top1 + 0.2);
    }

    [Fact]
    public void A_learning_rate_does_the_same_alone_as_among_others()
    {
        FeatureSet train = Blobs.Draw(300, 8, 4, 1, 1), test = Blobs.Draw(100, 8, 4, 1, 2);
        var sweep = LinearEval.Evaluate(train, test, new() { LearningRates = [0.1, 0.0001] }, cancellation: Token);
        var alone = LinearEval.Evaluate(train, test, new() { LearningRates = [sweep.Lr] }, cancellation: Token);

        Assert.Equal(0.1, sweep.Lr);
        Assert.Equal(sweep.Classifier.Weights.ToArray(), alone.Classifier.Weights.ToArray());
    }

    [Fact]
    public void One_step_is_the_hand_computed_Nesterov_step()
    {
        var train = new FeatureSet([2, -4], 1, [0, 1]); // zero weights: p = 1/2, error -+1/2 each, halved by the mean
        var result = LinearEval.Evaluate(train, train, new() { LearningRates = [128], Epochs = 1, BatchSize = 2 }, cancellation: Token);

        // dW[0] = (-0.5 * 2 + 0.5 * -4) / 2 = -1.5; rate 128 * 2 / 256 = 1; the first Nesterov step is gradient * (1 + 0.9)
        Assert.Equal([2.85f, -2.85f], result.Classifier.Weights.ToArray());
        Assert.Equal([0f, 0f], result.Classifier.Bias.ToArray());
    }

    [Fact]
    public void The_first_step_with_clipped_logits_is_the_plain_one_and_the_second_is_hand_computed()
    {
        var train = new FeatureSet([2, -4], 1, [0, 1]);
        var plain = Fit(new(), epochs: 1);
        var clipped = Fit(LinearEvalOptions.Regularised, epochs: 1); // tanh has slope 1 at zero, and the penalty none
        Assert.Equal(plain.Weights.ToArray(), clipped.Weights.ToArray());

        // Two steps: the rate is 1, then 1/2. After the first the weights are -+w with w = -1.5 * 1.9 and the momentum is -+1.5.
        double gradient = 0, w = 2.85;
        foreach (double x in new[] { 2.0, -4.0 })
        {
            double tanh = Math.Tanh(w * x / 20), t = 20 * tanh;
            double error = 1 / (1 + Math.Exp(-2 * t)) - (x > 0 ? 1 : 0); // logits t and -t
            gradient += (error / 2 + 2 * 0.01 * t / 4) * (1 - tanh * tanh) * x; // the mean square runs over two samples and two classes
        }
        double velocity = 0.9 * -1.5 + gradient;
        Assert.Equal(w - 0.5 * (gradient + 0.9 * velocity), Fit(LinearEvalOptions.Regularised, epochs: 2).Weights[0], 1e-5);

        LinearClassifier Fit(LinearEvalOptions options, int epochs) =>
            LinearEval.Evaluate(train, train, options with { LearningRates = [128], Epochs = epochs, BatchSize = 2 }, cancellation: Token).Classifier;
    }

    [Fact]
    public void The_regularised_variant_has_the_published_numbers()
    {
        Assert.Equal((20, 0.01), (LinearEvalOptions.Regularised.LogitClip, LinearEvalOptions.Regularised.LogitPenalty));
        Assert.Equal([0.4, 0.3, 0.2, 0.1, 0.05], LinearEvalOptions.Regularised.LearningRates);
        Assert.Equal((1024, 80, 0.9), (LinearEvalOptions.Regularised.BatchSize, LinearEvalOptions.Regularised.Epochs, LinearEvalOptions.Regularised.Momentum));
    }

    [Fact]
    public void Augmented_views_leave_parameters_and_statistics_of_the_encoder_bitwise_as_they_were()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var encoder = new LinearBackbone(8, 8);
        encoder.train();
        var before = encoder.state_dict().ToDictionary(e => e.Key, e => Networks.Bits(e.Value));
        var result = LinearEval.Evaluate(
            encoder, new VectorSource(Blobs.Draw(300, 8, 4, 0.3, 1), noise: 0.2), null, new VectorSource(Blobs.Draw(200, 8, 4, 0.3, 2)), new() { Epochs = 10 }, cancellation: Token);

        Assert.All(encoder.state_dict(), e => Assert.Equal(before[e.Key], Networks.Bits(e.Value)));
        Assert.True(encoder.training);
        Assert.True(result.Top1 > 0.9, $"{result.Top1}");
        Assert.Equal((300, 200, 5), (result.NTrain, result.NTest, result.Sweep.Count));
    }

    [Fact]
    public void Views_without_chance_give_the_same_held_out_choice_as_representations()
    {
        FeatureSet train = Blobs.Draw(300, 8, 4, 1, 1), test = Blobs.Draw(200, 8, 4, 1, 2);
        using var pixels = new PixelBackbone(8);
        var views = LinearEval.Evaluate(pixels, new VectorSource(train), null, new VectorSource(test), cancellation: Token);
        var misled = LinearEval.Evaluate(pixels, new VectorSource(train), null, new VectorSource(Blobs.WithShuffledLabels(test, 3)), cancellation: Token);

        Assert.Equal(LinearEval.Evaluate(train, test, cancellation: Token).Top1, views.Top1, 0.03); // only the order of the samples differs
        Assert.Equal(views.Sweep, misled.Sweep);
        Assert.Equal(views.Classifier.Weights.ToArray(), misled.Classifier.Weights.ToArray());
    }

    [Fact]
    public void Standardising_mends_a_badly_scaled_dimension()
    {
        static FeatureSet Shrink(FeatureSet set) =>
            new([.. set.Values.ToArray().Select((v, i) => i % set.Size == 0 ? 1000 + v : v * 1e-3f)], set.Size, [.. set.Labels]);
        FeatureSet train = Shrink(Blobs.Draw(600, 8, 4, 0.3, 1)), test = Shrink(Blobs.Draw(200, 8, 4, 0.3, 2));

        Assert.True(LinearEval.Evaluate(train, test, new() { Standardize = true }, cancellation: Token).Top1 > 0.99);
        Assert.True(LinearEval.Evaluate(train, test, cancellation: Token).Top1 < 0.9);
    }

    [Fact]
    public void One_sample_a_class_is_fitted_with_the_authors_single_rate()
    {
        var result = LinearEval.Evaluate(Blobs.Draw(4, 8, 4, 0.1, 1), Blobs.Draw(100, 8, 4, 0.1, 2), cancellation: Token);

        Assert.Equal(0.2, result.Lr);
        Assert.All(result.Sweep, trial => Assert.Null(trial.ValidationTop1));
        Assert.True(result.Top1 > 0.95);
    }

    [Fact]
    public void Reports_its_progress_and_can_be_stopped()
    {
        var train = Blobs.Draw(200, 4, 2, 0.3, 1);
        var seen = new Recorder();
        LinearEval.Evaluate(train, train, progress: seen, cancellation: Token);

        Assert.Equal(["sweep", "refit"], seen.All.Select(p => p.Stage).Distinct());
        Assert.Equal(seen.All[^1].Steps, seen.All[^1].Step);
        Assert.Throws<OperationCanceledException>(() => LinearEval.Evaluate(train, train, cancellation: new CancellationToken(true)));
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        var set = Blobs.Draw(10, 2, 2, 1, 1);

        Assert.Contains("epochs", Assert.Throws<ConfigurationException>(() => LinearEval.Evaluate(set, set, new() { Epochs = 0 }, cancellation: Token)).Message);
        Assert.Contains("logitPenalty", Assert.Throws<ConfigurationException>(() => LinearEval.Evaluate(set, set, new() { LogitPenalty = 1 }, cancellation: Token)).Message);
        Assert.Contains("learningRates", Assert.Throws<ConfigurationException>(() => LinearEval.Evaluate(set, set, new() { LearningRates = [] }, cancellation: Token)).Message);
    }

    private sealed class Recorder : IProgress<LinearEvalProgress>
    {
        public List<LinearEvalProgress> All { get; } = [];

        public void Report(LinearEvalProgress value) => All.Add(value);
    }
}
