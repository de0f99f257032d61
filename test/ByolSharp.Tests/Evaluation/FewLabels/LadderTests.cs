using ByolSharp.Evaluation;
using ByolSharp.Evaluation.FewLabels;

namespace ByolSharp.Tests.Evaluation.FewLabels;

public sealed class LadderTests : IDisposable
{
    private static readonly FeatureSet Train = Blobs.Draw(400, 12, 4, 1.2, 1), Test = Blobs.Draw(300, 12, 4, 1.2, 2);
    private static readonly LadderOptions Options = new() { Shares = [0.05, 0.5], Seeds = 2, Resamples = 200 };
    private static readonly FineTuneOptions Training = new() { LearningRates = [0.05], Lengths = [Duration.OfSteps(5)], BatchSize = 16 };
    private readonly TempFolder _folder = new();
    private int _opened;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_rung_is_scored_at_every_share_with_every_seed_on_the_same_labels()
    {
        var seen = new Recorder();
        var report = Ladder().Run(new(_folder.Path), seen, Token);

        Assert.Equal(["frozen 0.05", "frozen 0.5", "scratch 0.05", "scratch 0.5"], report.Scores.Select(s => FormattableString.Invariant($"{s.Rung} {s.Share}")));
        Assert.All(report.Scores, s => Assert.Equal((2, s.Share == 0.5 ? 200 : 20), (s.Top1.Count, s.LabelCount)));
        Assert.All(report.Scores, s => Assert.Equal(s.Top1.Average(), s.Mean, 1e-12));
        Assert.All(report.Scores, s => Assert.InRange(s.Mean, s.Interval.Low, s.Interval.High));
        Assert.Equal(300, report.TestCount);
        Assert.Equal(8, seen.All.Count(p => p.Finished is not null));
        Assert.Equal((seen.All[^1].Steps, 2 * 2 * (50 + 5)), (seen.All[^1].Step, seen.All[^1].Steps));

        // All in one: frozen representations that separate the classes against five steps from scratch.
        Assert.True(report.Gains[0].Top1 > 0.2, $"{report.Gains[0]}");
        Assert.True(report.Gains[0].Interval.Low > 0, $"{report.Gains[0]}");
        Assert.Equal([0.05, 0.5], report.Savings.Select(s => s.Share));
        Assert.Contains("With 5% of the labels (20) pre-training reaches", report.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Finished_cells_are_found_again_and_damaged_ones_worked_out_anew()
    {
        var first = Ladder().Run(new(_folder.Path), cancellation: Token);
        int opened = _opened;
        var again = Ladder().Run(new(_folder.Path), cancellation: Token);
        Assert.Equal(opened, _opened);
        Assert.Equal(first.Scores.Select(s => s.Mean), again.Scores.Select(s => s.Mean));
        Assert.Equal(first.Scores.Select(s => s.Interval), again.Scores.Select(s => s.Interval));

        string cell = Directory.GetFiles(_folder.Path, "scratch-50pct-seed1-*.json").Single();
        File.WriteAllText(cell, File.ReadAllText(cell)[..40]);
        var mended = Ladder().Run(new(_folder.Path), cancellation: Token);
        Assert.Equal(opened + 1, _opened);
        Assert.Equal(first.Scores.Select(s => s.Mean), mended.Scores.Select(s => s.Mean));
    }

    [Fact]
    public void Other_data_another_network_or_other_settings_are_other_cells()
    {
        Ladder().Run(new(_folder.Path), cancellation: Token);
        int files = Directory.GetFiles(_folder.Path).Length;
        Ladder(data: "other").Run(new(_folder.Path), cancellation: Token);
        Assert.Equal(2 * files, Directory.GetFiles(_folder.Path).Length);
        Ladder(network: "other").Run(new(_folder.Path), cancellation: Token);
        Assert.Equal(3 * files, Directory.GetFiles(_folder.Path).Length);
        Ladder(training: Training with { Lengths = [Duration.OfSteps(6)] }).Run(new(_folder.Path), cancellation: Token);
        Assert.Equal(3 * files + 4, Directory.GetFiles(_folder.Path).Length); // the frozen half stays good
    }

    [Fact]
    public void An_interrupt_keeps_what_is_finished()
    {
        using var interrupt = new CancellationTokenSource();
        var stop = new Recorder(p => { if (p.Finished is { Rung: "frozen", Seed: 1 }) { interrupt.Cancel(); } });

        Assert.Throws<OperationCanceledException>(() => Ladder().Run(new(_folder.Path), stop, interrupt.Token));
        Assert.Equal(3, Directory.GetFiles(_folder.Path, "*.json").Length);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.partial"));
    }

    [Fact]
    public void One_label_a_class_is_fitted_with_a_fixed_penalty()
    {
        var report = new Ladder([Frozen("n")], Train.Labels, "data", Options with { Shares = [0.001] }).Run(new(_folder.Path), cancellation: Token);

        Assert.Equal(4, report.Scores[0].LabelCount);
        Assert.True(report.Scores[0].Mean > 0.4, $"{report.Scores[0].Mean}");
        Assert.Contains("nothing can be said", report.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void With_one_seed_the_interval_is_that_of_the_test_samples_alone()
    {
        var cells = new[] { Cell(0, 150), };
        var interval = new LadderResampling(new(cells), new()).IntervalOf(draw => draw.Mean("r", 1));
        var binomial = Metrics.BootstrapTop1([.. cells[0].Hits.Select(hit => hit == '1' ? 0 : 1)]);

        Assert.Equal(binomial.Low, interval.Low, 0.02);
        Assert.Equal(binomial.High, interval.High, 0.02);
    }

    [Fact]
    public void Seeds_that_differ_widen_the_interval_and_shared_samples_narrow_that_of_a_difference()
    {
        var wide = Width([Cell(0, 90), Cell(1, 150), Cell(2, 210)], draw => draw.Mean("r", 1));
        var narrow = Width([Cell(0, 150), Cell(1, 150), Cell(2, 150)], draw => draw.Mean("r", 1));
        Assert.True(wide > 1.8 * narrow, $"{wide} {narrow}");

        // A rung that is right on the same samples and on 30 more: the difference hardly depends on which samples are drawn.
        LadderCell[] both = [Cell(0, 150), Cell(0, 180) with { Rung = "better" }];
        Assert.True(Width(both, draw => draw.Mean("better", 1) - draw.Mean("r", 1)) < 0.7 * Width(both, draw => draw.Mean("r", 1)));

        static double Width(LadderCell[] cells, Func<LadderMeans, double> statistic)
        {
            var interval = new LadderResampling(new(cells), new()).IntervalOf(statistic);
            return interval.High - interval.Low;
        }
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("share of labels = 0", Assert.Throws<ConfigurationException>(() => (Options with { Shares = [0] }).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("differ", Assert.Throws<ConfigurationException>(() => (Options with { Shares = [1, 1] }).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("seeds = 0", Assert.Throws<ConfigurationException>(() => (Options with { Seeds = 0 }).Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("confidence = 1", Assert.Throws<ConfigurationException>(() => (Options with { Confidence = 1 }).Validate()).Message, StringComparison.Ordinal);
    }

    private static LadderCell Cell(long seed, int right) => new("r", 1, seed, 10, 0, new string('1', right) + new string('0', 300 - right));

    private Ladder Ladder(string data = "data", string network = "network", FineTuneOptions? training = null) => new(
        [
            Frozen(network),
            new TrainedRung("scratch", "from scratch", RungRole.FromScratch, seed => Open(new LinearBackbone(12, 3, seed: seed)), _ => network, training ?? Training),
        ],
        Train.Labels, data, Options);

    private FrozenRung Frozen(string network) => new("frozen", "as they are", RungRole.Pretrained, _ => Open(new PixelBackbone(12)), _ => network);

    private LabelledNetwork Open(Backbone encoder)
    {
        _opened++;
        return new(encoder, new VectorSource(Train), new VectorSource(Test));
    }

    private sealed class Recorder(Action<LadderProgress>? also = null) : IProgress<LadderProgress>
    {
        public List<LadderProgress> All { get; } = [];

        public void Report(LadderProgress value)
        {
            All.Add(value);
            also?.Invoke(value);
        }
    }
}
