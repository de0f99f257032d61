using ByolSharp.Optimizers;

namespace ByolSharp.Tests;

/// <summary>Options of a training that takes a second.</summary>
internal static class SmallRun
{
    public static RunOptions Options(long seed = 0) => new()
    {
        Seed = seed,
        Backbone = new() { Name = "resnet8", WidthMultiplier = 0.5 },
        Byol = new() { HiddenSize = 32, ProjectionSize = 16, BaseTargetEma = 0.9 },
        Data = new() { ImageSize = 16, Workers = 1 },
        Optimizer = new() { Kind = OptimizerKind.Lars, BaseLearningRate = 2, Warmup = Duration.OfSteps(2) },
        Trainer = new()
        {
            BatchSize = 16,
            Duration = Duration.OfSteps(10),
            CheckpointEvery = Duration.OfSteps(2),
            LogEvery = Duration.OfSteps(1),
            Threads = 1,
            KeepCheckpoints = 3,
        },
    };
}
