using System.Text.Json.Nodes;
using ByolSharp.Images;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

/// <summary>Scoring shows the network fixed samples and leaves the training as it was.</summary>
public sealed class ScoringTests : IDisposable
{
    private static readonly string[] Keys = ["rankme", "lidar", "view_retrieval", "view_alignment", "view_uniformity", "view_spread"];
    private readonly TempFolder _folder = new();

    [Fact]
    public void Scoring_changes_no_bit_of_the_training()
    {
        var scored = Train("scored", scoreEvery: 1);
        var plain = Train("plain", scoreEvery: 0);

        Assert.Equal(plain.Encoder, scored.Encoder);
        Assert.Equal(plain.Lines.Select(Training), scored.Lines.Select(Training));
        Assert.All(scored.Lines, line => Assert.All(Keys.Concat(Keys.Select(k => "projection_" + k)), key => Assert.True(double.IsFinite(Number(line, key)), key)));
        Assert.All(plain.Lines, line => Assert.False(line.ContainsKey("lidar")));

        static (double, double, double) Training(JsonObject line) => (Number(line, "loss"), Number(line, "grad_norm"), Number(line, "projection_std"));
    }

    [Fact]
    public void Scores_and_the_best_state_do_not_depend_on_threads_or_on_being_resumed()
    {
        var whole = Train("whole", workers: 1);
        Train("parts", workers: 3, stopAt: 3);
        Train("parts", workers: 2, stopAt: 6);
        var parts = Train("parts", workers: 3);

        Assert.Equal(5, whole.Lines.Count(line => line.ContainsKey("lidar")));
        Assert.Equal(whole.Lines.Select(Scores), parts.Lines.Select(Scores));
        Assert.Equal(whole.Result.Best, parts.Result.Best);
        Assert.NotNull(whole.Result.Best);
        Assert.Equal(Best("whole"), Best("parts"));

        static string Scores(JsonObject line) => string.Join(' ', Keys.Select(key => line[key]?.ToJsonString() ?? "-"));
        SortedDictionary<string, byte[]> Best(string run) => SavedState.Of(Path.Combine(_folder.Path, run), "best");
    }

    [Fact]
    public void Another_seed_takes_other_samples_and_the_same_seed_the_same()
    {
        using var data = new GeneratedImages(new() { Count = 64 });
        var views = new ImageViewSource(data, new(), imageSize: 16, seed: 1);
        using var state = State();
        double[] scores = [.. new[] { 1L, 1, 2 }.Select(seed => new ScoringSet(views, 20, seed).Measure(state).Representation.RankMe)];

        Assert.Equal(scores[0], scores[1]);
        Assert.NotEqual(scores[0], scores[2]);
    }

    [Fact]
    public void Scoring_leaves_every_tensor_and_the_mode()
    {
        using var data = new GeneratedImages(new() { Count = 100 });
        var views = new ImageViewSource(data, new(), imageSize: 16, seed: 1);
        using var scope = NewDisposeScope();
        using var state = State();
        byte[] before = Bits(state);
        new ScoringSet(views, 100, seed: 1).Measure(state);

        Assert.Equal(before, Bits(state));
        Assert.All(state.Byol.modules(), module => Assert.True(module.training));
    }

    [Fact]
    public void Projections_that_are_all_one_are_collapsed_and_numbers_that_are_none_too()
    {
        var healthy = new ViewScores(RankMe: 30, Lidar: 20, Retrieval: 0.5, Alignment: 0.5, Uniformity: -2, Spread: 0.9);

        Assert.False(new LabelFreeScores(healthy, healthy).IsCollapsed);
        Assert.True(new LabelFreeScores(healthy, healthy with { Spread = 0.01 }).IsCollapsed);
        Assert.True(new LabelFreeScores(healthy, healthy with { RankMe = 1.2 }).IsCollapsed);
        Assert.True(new LabelFreeScores(healthy, healthy with { Spread = double.NaN }).IsCollapsed);
    }

    [Fact]
    public void Vectors_that_are_not_finite_give_no_numbers()
    {
        using var scope = NewDisposeScope();
        var view = RandomRows.Normal(8, 4, 1);
        var scores = ViewScores.Measure([view, view * double.NaN]);

        Assert.True(double.IsNaN(scores.RankMe) && double.IsNaN(scores.Lidar) && double.IsNaN(scores.Retrieval));
    }

    public void Dispose() => _folder.Dispose();

    private static TrainState State() => new(new ByolSharp.Byol(() => new TinyBackbone(), SmallRun.Options().Byol), null, SmallRun.Options().Optimizer);

    private static byte[] Bits(TrainState state) => [.. state.NamedTensors().SelectMany(t => t.Value.cpu().contiguous().bytes.ToArray())];

    private static double Number(JsonObject line, string key) => line[key]!.GetValue<double>();

    private (TrainResult Result, byte[] Encoder, JsonObject[] Lines) Train(string name, int scoreEvery = 2, int workers = 2, int? stopAt = null)
    {
        var options = SmallRun.Options() with
        {
            Data = SmallRun.Options().Data with { Workers = workers },
            Trainer = SmallRun.Options().Trainer with { ScoreEvery = Duration.OfSteps(scoreEvery), ScoreSamples = 40 },
        };
        using var data = new GeneratedImages(new() { Count = 64 });
        using var run = RunDirectory.Open(Path.Combine(_folder.Path, name), ExistingRun.Resume);
        using var stop = new CancellationTokenSource();
        var result = Pretraining.Run(options, run, data, observer: new StopAt(stopAt, stop), cancellation: stop.Token);
        return (result, File.ReadAllBytes(run.Encoder), [.. File.ReadLines(run.Metrics).Select(l => JsonNode.Parse(l)!.AsObject())]);
    }
}
