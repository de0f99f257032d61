using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Training;

namespace ByolSharp.Tests.Evaluation;

/// <summary>
/// On the generated images, with few labels: a pre-trained encoder beats a random one under a frozen linear classifier, and moving all weights
/// beats freezing them.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class FineTuningAccuracyTests : IDisposable
{
    private const int Size = 24;
    private static readonly BackboneOptions Network = new() { Name = "resnet8", ImageSize = Size };
    private readonly TempFolder _folder = new();
    private readonly GeneratedImages _train = new(new() { Count = 4000 }), _test = new(new() { Count = 500, Split = GeneratedSplit.Test });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Pre_training_beats_chance_weights_and_fine_tuning_beats_freezing()
    {
        int[] labelled = LabelSplit.ByShare([.. Enumerable.Range(0, _train.Count).Select(_train.LabelOf)], 0.1, seed: 0);
        var (source, test) = (new ImageTrainingSource(_train, Views, Size, channels: 3), new ImageEvalSource(_test, new EvalTransform(Views, Size, channels: 3)));
        using var random = BackboneFactory.Create(Network, seed: 1);
        BatchStatistics.Settle(random, source, seed: 1);
        using var trained = Pretrained();

        double chance = Frozen(random), frozen = Frozen(trained);
        double tuned = FineTuning.Run(trained, source, labelled, test, FineTuneOptions.Quick with { Lengths = [Duration.OfSteps(120)] }, cancellation: Token).Top1;
        Assert.True(frozen > chance + 0.03, $"{frozen} pre-trained, {chance} random");
        Assert.True(tuned > frozen + 0.05, $"{tuned} fine-tuned, {frozen} frozen");

        double Frozen(Backbone encoder) => LinearEval.Evaluate(
            FeatureExtractor.Extract(encoder, new EvalSubset(source, labelled), cancellation: Token).Features,
            FeatureExtractor.Extract(encoder, test, cancellation: Token).Features,
            new() { Standardize = true }, cancellation: Token).Top1;
    }

    public void Dispose()
    {
        _folder.Dispose();
        _train.Dispose();
        _test.Dispose();
    }

    private static ImageViewOptions Views => new() { T = AugmentationOptions.CropAndFlip };

    private Backbone Pretrained()
    {
        var options = Presets.Get("demo");
        options = options with
        {
            Backbone = Network,
            Data = options.Data with { ImageSize = Size, Workers = 1 },
            Trainer = options.Trainer with { Duration = Duration.OfSteps(200), BatchSize = 64, Threads = 1, CheckpointEvery = Duration.OfSteps(1000) },
        };
        using var run = RunDirectory.Open(_folder.Path, ExistingRun.Overwrite);
        Pretraining.Run(options, run, _train, cancellation: Token);
        return EncoderFile.Load(run.Encoder).Backbone;
    }
}
