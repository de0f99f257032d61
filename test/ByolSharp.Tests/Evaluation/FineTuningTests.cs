using ByolSharp.Evaluation;
using ByolSharp.Tests.Images.Backbones;

namespace ByolSharp.Tests.Evaluation;

public sealed class FineTuningTests
{
    private static readonly FineTuneOptions Short = new() { LearningRates = [0.05], Lengths = [Duration.OfSteps(40)], BatchSize = 32 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Paper, appendix D.3.</summary>
    [Fact]
    public void Transfer_has_the_published_numbers()
    {
        var options = FineTuneOptions.Transfer;

        Assert.Equal([1e-4, 3.1622777e-4, 1e-3, 3.1622777e-3, 1e-2, 3.1622777e-2, 1e-1], options.LearningRates, new NearComparer(1e-9));
        Assert.Equal([0, 1e-6, 3.1622777e-6, 1e-5, 3.1622777e-5, 1e-4, 3.1622777e-4, 1e-3], options.WeightDecays, new NearComparer(1e-11));
        Assert.Equal([Duration.OfSteps(20_000)], options.Lengths);
        Assert.Equal((256, 0.9, true, 56), (options.BatchSize, options.Momentum, options.AdaptBatchNorm, options.Settings.Count));
    }

    /// <summary>Paper, appendix C.2.</summary>
    [Fact]
    public void Semi_supervised_has_the_published_numbers()
    {
        var options = FineTuneOptions.SemiSupervised;

        Assert.Equal([0.01, 0.02, 0.05, 0.1, 0.005], options.LearningRates);
        Assert.Equal([0.0], options.WeightDecays);
        Assert.Equal([Duration.OfEpochs(30), Duration.OfEpochs(50)], options.Lengths);
        Assert.Equal((1024, 0.9, false, 10), (options.BatchSize, options.Momentum, options.AdaptBatchNorm, options.Settings.Count));
    }

    [Fact]
    public void Quick_has_the_numbers_of_its_description()
    {
        var setting = Assert.Single(FineTuneOptions.Quick.Settings);

        Assert.Equal(new FineTuneSetting(0.03, 0, Duration.OfSteps(300)), setting);
        Assert.Equal(64, FineTuneOptions.Quick.BatchSize);
    }

    [Fact]
    public void One_step_moves_encoder_and_layer_by_the_hand_computed_amount()
    {
        const double lr = 0.5, wd = 0.05;
        using var encoder = new LinearBackbone(1, 1, withNorm: false);
        double w = Weight(encoder);
        var train = new VectorSource(new FeatureSet([2, -4], 1, [0, 1]));
        using var before = new FineTunedNetwork(encoder, 2, seed: 0);
        double[] head = [.. before.ClassifierFor(train.ClassNames).Weights.ToArray().Select(h => (double)h)];
        var options = new FineTuneOptions { LearningRates = [lr], WeightDecays = [wd], Lengths = [Duration.OfSteps(1)], BatchSize = 2 };
        var result = FineTuning.Run(encoder, train, null, train, options, cancellation: Token);

        // Mean cross-entropy of softmax(h w x), both biases 0; the first Nesterov step is 1.9 (g + wd / lr p), and biases have no decay.
        double headGradient = 0, encoderGradient = 0, biasGradient = 0;
        foreach (var (x, label) in new[] { (2.0, 0), (-4.0, 1) })
        {
            double error = 1 / (1 + Math.Exp((head[1] - head[0]) * w * x)) - (label == 0 ? 1 : 0);
            headGradient += error * w * x / 2;
            encoderGradient += error * (head[0] - head[1]) * x / 2;
            biasGradient += error / 2;
        }
        Assert.Equal(w - lr * 1.9 * (encoderGradient + wd / lr * w), Weight(encoder), 1e-5);
        Assert.Equal(head[0] - lr * 1.9 * (headGradient + wd / lr * head[0]), result.Classifier.Weights[0], 1e-5);
        Assert.Equal(head[1] - lr * 1.9 * (-headGradient + wd / lr * head[1]), result.Classifier.Weights[1], 1e-5);
        Assert.Equal(-lr * 1.9 * biasGradient, result.Classifier.Bias[0], 1e-5);
        Assert.Equal(1, result.Steps);
    }

    [Fact]
    public void What_the_encoder_keeps_frozen_stays_bitwise_as_it_was_and_the_rest_moves()
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        using var encoder = new LinearBackbone(6, 4);
        encoder.get_parameter("matrix.weight")!.requires_grad = false;
        var before = encoder.state_dict().ToDictionary(e => e.Key, e => Networks.Bits(e.Value));
        FineTuning.Run(encoder, new VectorSource(Blobs.Draw(200, 6, 4, 0.5, 1)), null, new VectorSource(Blobs.Draw(50, 6, 4, 0.5, 2)), Short, cancellation: Token);
        var after = encoder.state_dict().ToDictionary(e => e.Key, e => Networks.Bits(e.Value));

        Assert.Equal(before["matrix.weight"], after["matrix.weight"]);
        Assert.Equal(["bn.bias", "bn.num_batches_tracked", "bn.running_mean", "bn.running_var", "bn.weight"], before.Keys.Where(k => !before[k].SequenceEqual(after[k])).Order());
    }

    [Theory]
    [InlineData(2, 0.05)] // 200 steps an epoch: keeps 1 - 10 / 200
    [InlineData(10, 0.1)] // 40 steps: 1 - 10 / 40 is less than 0.9
    public void Batch_norm_keeps_what_the_length_of_an_epoch_says(int batch, double taken)
    {
        using var encoder = new LinearBackbone(4, 3);
        var source = new VectorSource(Blobs.Draw(400, 4, 2, 1, 1));
        FineTuning.Run(encoder, source, null, source, Short with { BatchSize = batch, Lengths = [Duration.OfSteps(2)] }, cancellation: Token);

        Assert.Equal([taken, taken], encoder.Momenta);
    }

    [Fact]
    public void All_weights_follow_the_labels_and_beat_a_frozen_encoder()
    {
        FeatureSet train = Blobs.Draw(400, 12, 6, 0.8, 1), test = Blobs.Draw(300, 12, 6, 0.8, 2);
        using var encoder = new LinearBackbone(12, 2); // two random directions hide most of what separates six classes
        var frozen = LinearEval.Evaluate(encoder, new VectorSource(train), null, new VectorSource(test), new() { Epochs = 20 }, cancellation: Token);
        var tuned = FineTuning.Run(encoder, new VectorSource(train), null, new VectorSource(test), Short with { Lengths = [Duration.OfSteps(300)] }, cancellation: Token);

        Assert.True(tuned.Top1 > frozen.Top1 + 0.15, $"{tuned.Top1} fine-tuned, {frozen.Top1} frozen");
    }

    [Fact]
    public void A_setting_does_the_same_alone_as_among_others()
    {
        FeatureSet train = Blobs.Draw(200, 6, 4, 0.5, 1), test = Blobs.Draw(100, 6, 4, 0.5, 2);
        var among = Run(Short with { LearningRates = [1e-7, 0.05] });
        var alone = Run(Short);

        Assert.Equal(0.05, among.Setting.LearningRate);
        Assert.Equal(alone.Classifier.Weights.ToArray(), among.Classifier.Weights.ToArray());
        Assert.Equal((2, 0), (among.Sweep.Count, alone.Sweep.Count));

        FineTuneResult Run(FineTuneOptions options)
        {
            using var encoder = new LinearBackbone(6, 4);
            return FineTuning.Run(encoder, new VectorSource(train, noise: 0.1), null, new VectorSource(test), options, cancellation: Token);
        }
    }

    [Fact]
    public void The_choice_of_a_setting_does_not_depend_on_the_test_set()
    {
        FeatureSet train = Blobs.Draw(200, 6, 4, 1, 1), test = Blobs.Draw(200, 6, 4, 1, 2);
        FineTuneResult honest = Run(test), misled = Run(Blobs.WithShuffledLabels(test, 9));

        Assert.Equal(honest.Sweep, misled.Sweep);
        Assert.Equal(honest.Setting, misled.Setting);
        Assert.Equal(honest.Sweep.Max(t => t.ValidationTop1), honest.Sweep.First(t => t.Setting == honest.Setting).ValidationTop1);
        Assert.True(honest.Top1 > misled.Top1 + 0.2);

        FineTuneResult Run(FeatureSet scored)
        {
            using var encoder = new LinearBackbone(6, 4);
            return FineTuning.Run(encoder, new VectorSource(train), null, new VectorSource(scored), Short with { LearningRates = [0.001, 0.01, 0.05] }, cancellation: Token);
        }
    }

    [Fact]
    public void A_training_that_diverges_stops_and_in_a_sweep_loses()
    {
        // Huge values with both labels: whatever the weights, half of the samples are wrong, and the gradient times the rate overflows.
        int[] labels = [.. Enumerable.Range(0, 12).Select(i => i / 2 % 2)];
        var source = new VectorSource(new([.. Enumerable.Range(0, 12).Select(i => i % 2 == 0 ? 1e36f : -1e36f)], 1, labels));
        var harmless = Short with { LearningRates = [1e-37], Lengths = [Duration.OfSteps(1)] };

        Assert.Contains("lower the learning rate, which is 1000", Assert.Throws<TrainingStoppedException>(() => Run([1000])).Message, StringComparison.Ordinal);
        Assert.Equal(1e-37, Run([1000, 1e-37]).Setting.LearningRate);

        FineTuneResult Run(double[] rates)
        {
            using var encoder = new LinearBackbone(1, 1, withNorm: false);
            return FineTuning.Run(encoder, source, null, source, harmless with { LearningRates = rates }, cancellation: Token);
        }
    }

    [Fact]
    public void Reports_every_step_and_can_be_stopped()
    {
        var source = new VectorSource(Blobs.Draw(60, 4, 2, 0.3, 1));
        using var encoder = new LinearBackbone(4, 2);
        var seen = new Recorder();
        FineTuning.Run(encoder, source, null, source, Short with { LearningRates = [0.01, 0.05], Lengths = [Duration.OfSteps(3)] }, seen, Token);

        Assert.Equal([1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3], seen.All.Select(p => p.Training));
        Assert.All(seen.All, p => Assert.Equal(3, p.Trainings));
        Assert.Equal([0.01, 0.05], seen.All.Select(p => p.Finished).OfType<FineTuneTrial>().Select(t => t.Setting.LearningRate));
        Assert.Throws<OperationCanceledException>(() => FineTuning.Run(encoder, source, null, source, Short, cancellation: new CancellationToken(true)));
    }

    [Fact]
    public void What_cannot_work_is_said()
    {
        var set = new FeatureSet([1, 2, 3, 4], 1, [0, 1, 2, 3]);
        using var encoder = new LinearBackbone(1, 2);

        Assert.Contains("at least two samples a class", Fails<UnusableDataException>(set, Short with { LearningRates = [0.1, 0.2] }), StringComparison.Ordinal);
        Assert.Contains("at least two labelled", Fails<UnusableDataException>(set, Short, samples: [0]), StringComparison.Ordinal);
        Assert.Contains("no labelled sample", Fails<UnusableDataException>(new([1, 2], 1), Short), StringComparison.Ordinal);
        Assert.Contains("learning rate = 0", Fails<ConfigurationException>(set, Short with { LearningRates = [0] }), StringComparison.Ordinal);
        Assert.Contains("weight decay = -1", Fails<ConfigurationException>(set, Short with { WeightDecays = [-1] }), StringComparison.Ordinal);
        Assert.Contains("a length must be above 0", Fails<ConfigurationException>(set, Short with { Lengths = [Duration.Parse("20m")] }), StringComparison.Ordinal);
        Assert.Contains("batch size = 1", Fails<ConfigurationException>(set, Short with { BatchSize = 1 }), StringComparison.Ordinal);

        string Fails<T>(FeatureSet data, FineTuneOptions options, int[]? samples = null) where T : Exception =>
            Assert.Throws<T>(() => FineTuning.Run(encoder, new VectorSource(data), samples, new VectorSource(set), options, cancellation: Token)).Message;
    }

    private static double Weight(LinearBackbone encoder) => encoder.get_parameter("matrix.weight")!.detach().data<float>()[0];

    private sealed class Recorder : IProgress<FineTuneProgress>
    {
        public List<FineTuneProgress> All { get; } = [];

        public void Report(FineTuneProgress value) => All.Add(value);
    }
}
