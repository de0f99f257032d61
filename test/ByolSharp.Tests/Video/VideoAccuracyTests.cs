using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Training;
using ByolSharp.Video;
using ByolSharp.Video.Backbones;

namespace ByolSharp.Tests.Video;

/// <summary>On real clips of actions: a short training by the preset for two cores tells them apart better than the same network untrained and than what moves where.</summary>
[Trait("Speed", "Slow")]
public sealed class VideoAccuracyTests : IDisposable
{
    private const int Steps = 150;
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_short_training_without_labels_tells_actions_of_unseen_characters_apart()
    {
        string trainFolder = TestData.Find("video", "lpc-actions", "train"), testFolder = TestData.Find("video", "lpc-actions", "test");
        var options = Presets.Get("video-small-cpu");
        options = options with
        {
            Data = options.Data with { Path = trainFolder },
            Trainer = options.Trainer with { Duration = Duration.OfSteps(Steps), CheckpointEvery = Duration.OfSteps(10_000) },
        };
        using var run = RunDirectory.Open(Path.Combine(_folder.Path, "run"), ExistingRun.Overwrite);
        Pretraining.Run(options, run, cancellation: Token);
        var decoder = new VideoDecoder { ShortSide = options.Data.DecodeShortSide };
        using var train = Open(trainFolder, null);
        using var test = Open(testFolder, train.ClassNames);
        using var trained = EncoderFile.Load(run.Encoder).Backbone;
        using var random = VideoBackbones.Create(options.Backbone, seed: 0);
        using var difference = new FrameDifferenceBackbone(options.Data.ImageSize);

        double top1 = Top1(trained, options.Video), untrained = Top1(random, options.Video);
        double moves = Top1(difference, new() { Frames = options.Video.Frames, Stride = 1, EvalClips = 1, EvalCrops = 1 });

        // Ten minutes gain 40 points and more over both (docs/results.md); the standard error of 96 clips is 5.
        Assert.True(top1 > untrained + 0.1, $"{top1} trained, {untrained} untrained");
        Assert.True(top1 > moves + 0.1, $"{top1} trained, {moves} frame difference");

        // Kept in memory: three encoders look at them.
        CachedVideos Open(string folder, IReadOnlyList<string>? classNames) => new(VideoSources.Open(folder, classNames, decoder), 1L << 30);

        double Top1(Backbone encoder, VideoOptions video)
        {
            return LinearEval.Evaluate(Features(train), Features(test), cancellation: Token).Top1;

            FeatureSet Features(VideoDataset data) => FeatureExtractor.Extract(
                encoder, new VideoEvalSource(data, new(options.Views, options.Data.ImageSize, channels: 3, EvalCrop.ShortSide), video), cancellation: Token).Features;
        }
    }

    public void Dispose() => _folder.Dispose();
}
