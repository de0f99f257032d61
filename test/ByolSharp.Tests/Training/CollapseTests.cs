using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

/// <summary>
/// The published ablation on the demo data (paper, table 5; invariant 25): without a predictor the projections become one, and with the
/// defaults they do not.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class CollapseTests : IDisposable
{
    private const int Steps = 350; // the guard's patience is 300
    private readonly TempFolder _folder = new();

    [Fact]
    public void Without_a_predictor_the_guard_says_collapsed_and_names_the_cause()
    {
        var verdict = Train("byol.predictor=none");

        Assert.Equal(CollapseState.Collapsed, verdict.State);
        Assert.Contains("no predictor", verdict.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_defaults_the_guard_says_healthy() => Assert.Equal(CollapseState.Healthy, Train().State);

    [Fact]
    public void Told_to_stop_it_ends_the_run_with_the_checkpoint_saved()
    {
        var error = Assert.Throws<TrainingStoppedException>(() => Train("byol.predictor=none", "trainer.onCollapse=stop"));

        Assert.Contains("collapsed", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.Path, "checkpoints", "last", "manifest.json")));
    }

    public void Dispose() => _folder.Dispose();

    private CollapseVerdict Train(params string[] settings)
    {
        var options = settings.Append("trainer.threads=1").Aggregate(Presets.Get("demo"), OptionsJson.Set);
        options = options with { Trainer = options.Trainer with { Duration = Duration.OfSteps(Steps), BatchSize = 64, CheckpointEvery = Duration.OfSteps(1000) } };
        using var data = new GeneratedImages(new() { Count = 1000 });
        using var run = RunDirectory.Open(_folder.Path, ExistingRun.Overwrite);
        return Pretraining.Run(options, run, data).Verdict;
    }
}
