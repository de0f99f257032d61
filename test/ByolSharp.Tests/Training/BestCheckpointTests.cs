using System.Text.Json.Nodes;
using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

/// <summary>Which state is kept as "best", and when a training ends early: real trainings with scores that the test makes up.</summary>
public sealed class BestCheckpointTests : IDisposable
{
    private static readonly ViewScores Healthy = new(RankMe: 30, Lidar: 20, Retrieval: 0.5, Alignment: 0.5, Uniformity: -2, Spread: 0.9);
    private readonly TempFolder _folder = new();
    private readonly Messages _messages = new();

    [Theory, InlineData(BestBy.ViewRetrieval), InlineData(BestBy.Auto)]
    public void A_score_that_peaks_early_keeps_the_state_of_its_peak(BestBy rule)
    {
        var result = Train(step => Retrieval(PeakAt(4, step)), options => options with { BestBy = rule });

        Assert.Equal(new BestCheckpoint(BestBy.ViewRetrieval, 0.6, 4), result.Best);
        Assert.Equal(4, StepOf("best"));
        Assert.Equal(SavedState.Of(_folder.Path, "step-00000004"), SavedState.Of(_folder.Path, "best"));
        Assert.Equal((10, false, false), (result.Step, result.StoppedEarly, result.Interrupted));
    }

    [Theory, InlineData(BestBy.Lidar, 7), InlineData(BestBy.RankMe, 3)]
    public void The_rule_decides_which_score_is_compared(BestBy rule, int expected)
    {
        var scores = (long step) => new LabelFreeScores(Healthy with { Lidar = PeakAt(7, step), RankMe = PeakAt(3, step) }, Healthy);

        Assert.Equal(expected, Train(scores, options => options with { BestBy = rule }).Best!.Step);
    }

    [Fact]
    public void With_labelled_data_knn_decides_unless_told_otherwise()
    {
        var knn = Train(step => Retrieval(PeakAt(4, step)), options => options, step => PeakAt(6, step));
        var retrieval = Train(step => Retrieval(PeakAt(4, step)), options => options with { BestBy = BestBy.ViewRetrieval }, step => PeakAt(6, step));

        Assert.Equal((BestBy.Knn, 6), (knn.Best!.By, knn.Best.Step));
        Assert.Equal((BestBy.ViewRetrieval, 4), (retrieval.Best!.By, retrieval.Best.Step));
    }

    [Fact]
    public void Without_a_better_score_for_long_enough_the_training_ends_and_says_so()
    {
        var result = Train(step => Retrieval(PeakAt(4, step)), options => options with { StopAfter = Duration.OfSteps(3) });

        Assert.Equal((7, true, false), (result.Step, result.StoppedEarly, result.Interrupted));
        Assert.Equal((4, 7), (StepOf("best"), StepOf("last")));
        Assert.Contains(_messages.All, m => m.StartsWith("stopped early at step 7 of 10: no ViewRetrieval above the 0.6 of step 4", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(_folder.Path, "encoder")));
    }

    [Fact]
    public void A_training_that_ended_early_goes_on_only_with_more_patience()
    {
        var impatient = (TrainerOptions options) => options with { StopAfter = Duration.OfSteps(3) };
        Train(step => Retrieval(PeakAt(4, step)), impatient);
        var again = Train(step => Retrieval(PeakAt(4, step)), impatient, resume: true);
        var further = Train(step => Retrieval(PeakAt(4, step)), options => options, resume: true);

        Assert.Equal((7, true, 4), (again.Step, again.StoppedEarly, again.Best!.Step));
        Assert.Equal((10, false, 4), (further.Step, further.StoppedEarly, further.Best!.Step));
    }

    [Fact]
    public void Interrupting_changes_neither_the_best_state_nor_the_end()
    {
        var impatient = (TrainerOptions options) => options with { StopAfter = Duration.OfSteps(3) };
        Train(step => Retrieval(PeakAt(4, step)), impatient, stopAt: 5);
        var result = Train(step => Retrieval(PeakAt(4, step)), impatient, resume: true);

        Assert.Equal((7, true, 4), (result.Step, result.StoppedEarly, result.Best!.Step));
    }

    [Fact]
    public void Collapsed_projections_never_win()
    {
        var scores = (long step) => new LabelFreeScores(Healthy with { Retrieval = 0.1 * step }, step < 6 ? Healthy : Healthy with { Spread = 0.01 });
        var all = (long step) => new LabelFreeScores(Healthy with { Retrieval = 0.1 * step }, Healthy with { RankMe = 1.1 });

        Assert.Equal(5, Train(scores, options => options).Best!.Step);
        Assert.Null(Train(all, options => options).Best);
        Assert.False(Directory.Exists(Path.Combine(_folder.Path, "checkpoints", "best")));
        Assert.Equal(8, Train(all, options => options with { StopAfter = Duration.OfSteps(8) }).Step);
    }

    [Fact, Trait("Speed", "Slow")]
    public void What_the_guard_calls_collapsed_never_wins()
    {
        var verdicts = new Verdicts();
        var result = Train(
            step => Retrieval(step / 1000.0), options => options with { Duration = Duration.OfSteps(500), CheckpointEvery = Duration.OfSteps(500) },
            byol: new() { HiddenSize = 32, ProjectionSize = 16, BaseTargetEma = 0.9, Predictor = PredictorKind.None }, observer: verdicts);

        Assert.Equal(CollapseState.Collapsed, result.Verdict.State);
        Assert.Equal(verdicts.LastSound, result.Best!.Step); // scores grow, so the last state that may win does
    }

    public void Dispose() => _folder.Dispose();

    private static LabelFreeScores Retrieval(double score) => new(Healthy with { Retrieval = score }, Healthy);

    private static double PeakAt(int peak, long step) => 0.6 - 0.1 * Math.Abs(step - peak);

    private TrainResult Train(
        Func<long, LabelFreeScores> score, Func<TrainerOptions, TrainerOptions> set, Func<long, double>? knn = null, bool resume = false,
        int? stopAt = null, ByolOptions? byol = null, ITrainingObserver? observer = null)
    {
        var small = SmallRun.Options();
        var options = small with
        {
            Byol = byol ?? small.Byol,
            Trainer = set(small.Trainer with
            {
                CheckpointEvery = Duration.OfSteps(1),
                KeepCheckpoints = 20,
                ScoreEvery = Duration.OfSteps(1),
                EvaluateEvery = Duration.OfSteps(1),
                TensorBoard = false,
            }),
        };
        TorchRuntime.Initialize(1);
        using var data = new GeneratedImages(new() { Count = 64 });
        using var run = RunDirectory.Open(_folder.Path, resume ? ExistingRun.Resume : ExistingRun.Overwrite);
        using var state = new TrainState(new ByolSharp.Byol(() => new TinyBackbone(), options.Byol), null, options.Optimizer);
        using var stop = new CancellationTokenSource();
        return new Trainer(new()
        {
            State = state,
            Views = new ImageViewSource(data, options.Views, 8, seed: 1),
            Options = options,
            TotalSteps = options.Trainer.Duration.ToSteps(4),
            Run = run,
            Observer = new StopAt(stopAt, stop, observer ?? _messages),
            EvaluateKnn = knn is null ? null : _ => knn(state.Step),
            Score = () => score(state.Step),
            SaveEncoder = () => File.WriteAllText(Path.Combine(_folder.Path, "encoder"), "saved"),
        }).Run(stop.Token);
    }

    private int StepOf(string checkpoint) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "checkpoints", checkpoint, "manifest.json")))!["step"]!.GetValue<int>();

    private sealed class Verdicts : ITrainingObserver
    {
        public long LastSound { get; private set; }

        public void OnStep(TrainProgress progress) => LastSound = progress.Verdict.IsHopeless ? LastSound : progress.Step;

        public void OnMessage(string message) { }
    }
}
