namespace ByolSharp.Tests;

public sealed class StepBenchmarkTests
{
    [Fact]
    public void The_parts_add_up_to_the_step()
    {
        var options = SmallRun.Options() with { Data = new() { Path = "demo:test", ImageSize = 16, Workers = 1 } };

        var result = StepBenchmark.Run(options, repeats: 2, TimeSpan.FromSeconds(0.2), TestContext.Current.CancellationToken);

        double milliseconds = 1000 * options.Trainer.BatchSize / result.SamplesPerSecond;
        Assert.InRange(result.Parts.Values.Sum(), 0.3 * milliseconds, 3 * milliseconds); // medians of two stretches, on a machine that may be busy
        Assert.All([StepPart.OnlineForward, StepPart.TargetForward, StepPart.Backward, StepPart.Optimizer, StepPart.Logging], part => Assert.True(result.Parts[part] > 0, $"{part}"));
        Assert.InRange(result.DataWait, 0, 1);
        Assert.True(result is { GemmGflops: > 0, Gflops: > 0, AugmentPerSample: > 0, PeakMemory: > 0, DecodePerSample: >= 0 });
        Assert.True(result.Range.Slowest <= result.SamplesPerSecond && result.SamplesPerSecond <= result.Range.Fastest);
    }
}
