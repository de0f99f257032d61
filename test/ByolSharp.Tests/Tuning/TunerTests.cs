using ByolSharp.Training;
using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

/// <summary>Searches over trainings of a second.</summary>
public sealed class TunerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private static TuneOptions Options => new()
    {
        Base = SmallRun.Options() with { Preset = "demo", Data = new() { Path = "demo:test", ImageSize = 16, Workers = 1 } },
        Space = ["optimizer.baseLearningRate=0.5..8:log", "byol.baseTargetEma=0.5..0.99:near-one"],
        Trials = 4,
        Score = "rank",
        Budget = Duration.OfSteps(30),
        Length = Duration.OfSteps(8),
    };

    [Fact]
    public void A_search_that_was_stopped_anywhere_ends_like_one_that_was_not()
    {
        var whole = Run("whole", ExistingRun.Refuse);
        foreach (int steps in (int[])[1, 6, 12])
        {
            Assert.Throws<OperationCanceledException>(() => Run("parts", ExistingRun.Resume, stopAfter: steps));
        }
        int done = TuneState.Load(_folder.Of("parts")).Trials.Count(t => t.Scores.Count > 0);
        File.Delete(_folder.Of("parts/trial-000-rung-0/encoder.safetensors")); // would be written again if the training were
        var parts = Run("parts", ExistingRun.Resume);

        Assert.InRange(done, 1, 4);
        Assert.Equal(Table(whole), Table(parts));
        Assert.False(File.Exists(_folder.Of("parts/trial-000-rung-0/encoder.safetensors")), "finished work was done again");
    }

    [Fact]
    public void The_first_trial_is_the_preset_and_trains_to_the_end()
    {
        var result = Run("run", ExistingRun.Refuse);
        var first = result.State.Trials[0];

        Assert.Empty(first.Settings);
        Assert.Equal(result.Plan.Rungs.Count, first.Scores.Count);
        Assert.True(result.Winner.Scores[^1] >= first.Scores[^1]);
        Assert.Equal(Duration.OfSteps(8), result.WinnerOptions.Trainer.Duration);
        Assert.All(result.State.Trials.Skip(1), t => Assert.Equal(["optimizer.baseLearningRate", "byol.baseTargetEma"], t.Settings.Select(s => s.Split('=')[0])));
        Assert.True(File.Exists(_folder.Of("run/trial-000-rung-0/encoder.safetensors")));
        TunePlot.Write(_folder.Of("tune.svg"), result);
        Assert.Contains("<svg", File.ReadAllText(_folder.Of("tune.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_shorter_rung_has_a_smaller_tau_and_the_last_one_the_setting_itself()
    {
        var result = Run("run", ExistingRun.Refuse);

        Assert.Equal(TargetDecay.ForLength(0.9, 8, result.Plan.Rungs[0]), TauOf("run/trial-000-rung-0"), 12);
        Assert.Equal(0.9, TauOf($"run/trial-000-rung-{result.Plan.Rungs.Count - 1}"));
    }

    [Fact]
    public void Another_search_is_not_resumed()
    {
        Run("run", ExistingRun.Refuse);

        Assert.Contains("whose trials differs", Assert.Throws<ConfigurationException>(() => Run("run", ExistingRun.Resume, Options with { Trials = 5 })).Message, StringComparison.Ordinal);
        Assert.Contains("already holds a search", Assert.Throws<ConfigurationException>(() => Run("run", ExistingRun.Refuse)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_score_names_those_that_there_are()
    {
        string message = Assert.Throws<ConfigurationException>(() => Run("run", ExistingRun.Refuse, Options with { Score = "lidarr" })).Message;

        Assert.Contains("lidarr", message, StringComparison.Ordinal);
        Assert.Contains("uniformity", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_collapsed_training_has_no_score_however_good_its_figure()
    {
        var options = SmallRun.Options();
        const string figures = "\"loss\":0.01,\"projection_std\":1e-6,\"rank\":1.01,\"alignment\":0,\"uniformity\":0,\"knn_top1\":0.99";
        var metrics = Metrics(string.Join('\n', Enumerable.Range(1, 40).Select(i => $"{{\"step\":{10 * i},{figures}}}")));

        Assert.True(double.IsNaN(ScoreKey.Parse("knn").ScoreOf(metrics, options)));
    }

    [Theory]
    [InlineData("{\"step\":1,\"alignment\":0.5}\n{\"step\":2,\"alignment\":0.25}\n{\"step\":3,\"al", "alignment:min", -0.25)]
    [InlineData("{\"step\":1,\"knn_top1\":0.5}\n{\"step\":2,\"loss\":1}", "knn", 0.5)]
    public void The_last_value_counts_and_higher_is_better(string lines, string score, double expected)
    {
        Assert.Equal(expected, ScoreKey.Parse(score).ScoreOf(Metrics(lines), SmallRun.Options()));
    }

    public void Dispose() => _folder.Dispose();

    private RunMetrics Metrics(string lines) => RunMetrics.Read(_folder.Write("metrics.jsonl", lines));

    private TuneResult Run(string name, ExistingRun existing, TuneOptions? options = null, int stopAfter = int.MaxValue)
    {
        using var stop = new CancellationTokenSource();
        return Tuner.Run(options ?? Options, _folder.Of(name), existing, new StopAfter(stopAfter, stop), stop.Token);
    }

    private double TauOf(string run) =>
        OptionsJson.Read(new RunOptions(), File.ReadAllText(_folder.Of($"{run}/config.json")), run).Byol.BaseTargetEma;

    private static string Table(TuneResult result) =>
        string.Join('\n', result.Ranking.Select(t => $"{t.Number} {string.Join(' ', t.Settings)} {string.Join(' ', t.Scores.Select(s => s.ToString("R", System.Globalization.CultureInfo.InvariantCulture)))}"));

    /// <summary>Cancels after so many steps of all trainings together.</summary>
    private sealed class StopAfter(int steps, CancellationTokenSource stop) : ITrainingObserver
    {
        private int _left = steps;

        public void OnStep(TrainProgress progress)
        {
            if (--_left <= 0)
            {
                stop.Cancel();
            }
        }

        public void OnMessage(string message) { }
    }
}
