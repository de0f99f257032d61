using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

/// <summary>
/// Published ablations on the demo data (paper, tables 5 and 22; invariant 25): without a predictor the projections become one, and with
/// the defaults they do not.
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

    /// <summary>Tau = 0 with a predictor that lags (table 22). With one that keeps up it is SimSiam and learns: docs/results.md.</summary>
    [Fact]
    public void With_tau_0_and_a_slow_predictor_few_dimensions_are_left()
    {
        var verdict = Train("byol.baseTargetEma=0", "byol.scheduleTargetEma=false", "byol.predictorLearningRateScale=0.1");

        Assert.True(verdict.State is CollapseState.DimensionalCollapse or CollapseState.Collapsed, verdict.ToString());
        Assert.Contains("tau = 0", verdict.Cause, StringComparison.Ordinal);
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
