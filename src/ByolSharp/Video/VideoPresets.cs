using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>The recipes for videos.</summary>
internal static class VideoPresets
{
    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Preset> All { get; } =
    [
        Kinetics(2, 2.4, "Linear top-1 on Kinetics-400 67.4, fine-tuned on UCF-101 94.0 (the authors' released model)."),
        Kinetics(4, 4.8, "Linear top-1 on Kinetics-400 70.1, fine-tuned on UCF-101 94.7 (the authors' released model)."),
        SmallCpu(),
    ];

    /// <summary>
    /// The video paper's released recipe (Feichtenhofer et al. 2021): slow-only ResNet-50, clips of 8 frames 8 apart, batch 512, LARS with a peak rate
    /// of 4.8 for two clips and 9.6 for four, 200 epochs of which 35 warm up, crops of 20 to 77% of the area and strong colours. It normalises every
    /// channel by mean 0.45 and deviation 0.225, and its batch norm looked at 64 clips (8 GPUs of 8).
    /// </summary>
    private static Preset Kinetics(int clips, double baseRate, string result)
    {
        string name = $"k400-slow-r50-rho{clips}";
        var view = StrongColours(AugmentationOptions.OfficialT) with { CropAreaMin = 0.2, CropAreaMax = 0.766, BlurProbability = 0.5 };
        return new(name, $"Slow-only ResNet-50 on Kinetics-400 for 200 epochs, {clips} clips a video, the authors' recipe. {result} 64 GPUs; not yet measured here.", new()
        {
            Preset = name,
            Backbone = new() { Name = "slow_r50", Initialization = InitializationScheme.Kaiming, ZeroGamma = false },
            Byol = new() { BaseTargetEma = 0.996 },
            Data = new() { Kind = DataKind.Video, ImageSize = 224, DecodeShortSide = 320 },
            Video = new() { Frames = 8, Stride = 8, Clips = clips },
            Views = new() { T = view, TPrime = view, Flavour = AugmentationFlavour.Torchvision, Interpolation = Interpolation.Bilinear, Mean = [0.45, 0.45, 0.45], Std = [0.225, 0.225, 0.225] },
            Optimizer = new() { BaseLearningRate = baseRate, WeightDecay = 1e-6, Warmup = Duration.OfEpochs(35) },
            Trainer = new() { BatchSize = 512, Duration = Duration.OfEpochs(200) },
        });
    }

    /// <summary>
    /// Our recipe for two CPU cores: a narrow MC2 network on clips of 12 small frames that show what moves farther than a pixel, where most moves,
    /// since what a few hundred videos share otherwise is their backgrounds and how the camera goes. Levels are stretched clip by clip, crops and blur are
    /// strong: two clips of a video otherwise know each other by their contrast and outlines. Normalised projections and SGD as
    /// <c>small-cpu</c>, with a learned predictor. No brightness is added, in which small changes would drown; the batch is several times the
    /// projection's size, or the covariance term sees chance alone.
    /// </summary>
    private static Preset SmallCpu()
    {
        const string name = "video-small-cpu";
        var images = Presets.SmallCpu().Options;
        var view = AugmentationOptions.CropAndFlip with
        {
            CropAreaMin = 0.1,
            CropAspectMin = 0.6,
            CropAspectMax = 5.0 / 3,
            JitterProbability = 0.8,
            Brightness = 0,
            Contrast = 0.6,
            Saturation = 0,
            Hue = 0,
            BlurProbability = 0.8,
            BlurKernelFraction = 0.3,
            BlurSigmaMin = 0.5,
            BlurSigmaMax = 3,
        };
        return new(name, "A narrow MC2 network on small clips that show what moves, for two CPU cores and minutes; docs/video.md says what is measured.", images with
        {
            Preset = name,
            Backbone = new() { Name = "mc2_8", WidthMultiplier = 0.5 },
            Byol = images.Byol with { HiddenSize = 512, ProjectionSize = 32, Predictor = PredictorKind.Mlp },
            Data = new() { Kind = DataKind.Video, ImageSize = 32, DecodeShortSide = 96 },
            Video = new()
            {
                Frames = 12,
                Stride = 1,
                Clips = 2,
                DifferenceProbability = 1,
                DifferenceReach = 1,
                DifferenceSaturation = 0.05,
                DifferenceGamma = 0.7,
                MotionWindow = 0.6,
                EvalClips = 3,
                EvalCrops = 1,
                EvalDifference = true,
            },
            Views = new() { T = view, TPrime = view },
            Optimizer = images.Optimizer with { BaseLearningRate = 0.1 },
            Trainer = images.Trainer with { BatchSize = 128 },
        });
    }

    /// <summary>The jitter of the video paper, half as strong again as that of images.</summary>
    private static AugmentationOptions StrongColours(AugmentationOptions view) => view with { Brightness = 0.6, Contrast = 0.6, Saturation = 0.6, Hue = 0.15 };
}
