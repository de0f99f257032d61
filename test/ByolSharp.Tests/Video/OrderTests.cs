using ByolSharp.Evaluation;
using ByolSharp.Images;
using ByolSharp.Optimizers;
using ByolSharp.Training;
using ByolSharp.Video;
using ByolSharp.Video.Backbones;

namespace ByolSharp.Tests.Video;

/// <summary>A video encoder sees in which order things happen.</summary>
[Trait("Speed", "Slow")]
public sealed class OrderTests
{
    private const int Size = 16, Steps = 700, BatchSize = 32;
    private static readonly VideoOptions _options = new() { Frames = 8, Stride = 1, EvalClips = 2, EvalCrops = 1 };
    private static readonly AugmentationOptions _view = AugmentationOptions.CropAndFlip with { CropAreaMin = 0.6, FlipProbability = 0, JitterProbability = 0.8, GrayscaleProbability = 1 };

    [Fact]
    public void The_direction_of_motion_is_learnt_without_labels_and_gone_once_frames_are_shuffled()
    {
        var views = new ImageViewOptions { T = _view, TPrime = _view };
        var source = new VideoViewSource(new MovingBars(256, seed: 1), views, _options, Size, seed: 1);
        int made = 0;
        var byol = new ByolSharp.Byol(
            () => VideoBackbones.Create(new() { Name = "r2plus1d_8", WidthMultiplier = 0.5 }, made++),
            new()
            {
                HiddenSize = 128,
                ProjectionSize = 32,
                ProjectionNorm = HeadNorm.Batch,
                CovarianceWeight = 0.04,
            });
        using var state = new TrainState(byol, null, new() { Kind = OptimizerKind.Sgd, WeightDecay = 5e-4 });
        var (rate, targetRate) = (Schedules.WarmupCosine(0.25, Steps / 20, Steps), Schedules.TargetUpdateRate(0.99, Steps));
        using (var loader = new DataLoader(source, BatchSize, seed: 1))
        {
            for (int step = 0; step < Steps; step++)
            {
                state.Advance(loader.Next(), rate(step), targetRate(step));
            }
        }

        double ordered = Linear(isShuffled: false), shuffled = Linear(isShuffled: true);

        Assert.True(ordered >= 0.9, $"linear accuracy {ordered} on the direction of motion");
        Assert.InRange(shuffled, 0.35, 0.65);

        double Linear(bool isShuffled)
        {
            var transform = new EvalTransform(views, Size, 3, EvalCrop.ShortSide);
            FeatureSet Features(int count, long seed) =>
                FeatureExtractor.Extract(byol.Online.Encoder, new VideoEvalSource(new MovingBars(count, seed, isShuffled), transform, _options)).Features;
            return LinearEval.Evaluate(Features(400, 2), Features(200, 3), new() { Standardize = true }).Top1;
        }
    }
}
