using ByolSharp.Evaluation;
using CsCheck;
using TorchSharp;

namespace ByolSharp.Tests.Evaluation;

public sealed class MetricsTests
{
    [Fact]
    public void Ranks_count_the_better_scores_and_settle_ties_by_number()
    {
        Assert.Equal(0, Metrics.RankOf(1, [0.1, 0.9, 0.5]));
        Assert.Equal(2, Metrics.RankOf(0, [0.1, 0.9, 0.5]));
        Assert.Equal(1, Metrics.RankOf(2, [0.5, 0.1, 0.5]));
        Assert.Equal(0, Metrics.RankOf(0, [0.5, 0.1, 0.5]));
    }

    [Fact]
    public void Ranks_of_a_tensor_are_those_of_its_rows()
    {
        Gen.Select(Gen.Int[0, 3].Array[5], Gen.Int[0, 4]).Sample((scores, label) =>
        {
            double[] row = [.. scores.Select(s => (double)s)];
            using var tensor = torch.tensor(row).unsqueeze(0);
            Assert.Equal(Metrics.RankOf(label, row), Metrics.RanksOf(tensor, [label])[0]);
        }, iter: 100);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_no_success()
    {
        using var scores = torch.full(1, 3, float.NaN);

        Assert.Equal([2], Metrics.RanksOf(scores, [1]));
    }

    [Fact]
    public void Top_k_counts_ranks_below_k()
    {
        int[] ranks = [0, 0, 1, 4, 5];

        Assert.Equal(0.4, Metrics.TopK(ranks, 1));
        Assert.Equal(0.8, Metrics.TopK(ranks, 5));
    }

    [Fact]
    public void Mean_per_class_weighs_a_rare_class_like_a_common_one()
    {
        // class 0: 8 of 8 right; class 1: 0 of 1; class 2: 1 of 2
        int[] labels = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2];
        int[] ranks = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 3];

        Assert.Equal(0.5, Metrics.MeanPerClass(ranks, labels), 12);
        Assert.Equal(9 / 11.0, Metrics.TopK(ranks, 1), 12);
    }

    [Fact]
    public void The_bootstrap_interval_holds_the_truth_about_as_often_as_it_says()
    {
        const double truth = 0.7;
        int held = Enumerable.Range(0, 200).Count(trial =>
        {
            var random = new SampleRandom(11, index: trial);
            int[] ranks = [.. Enumerable.Range(0, 150).Select(_ => random.NextBool(truth) ? 0 : 1)];
            var interval = Metrics.BootstrapTop1(ranks, 0.9, 400, trial);
            return interval.Low <= truth && truth <= interval.High;
        });

        Assert.InRange(held, 180 - 4 * 4.3, 180 + 4 * 4.3);
    }

    [Fact]
    public void The_bootstrap_is_repeatable_and_as_wide_as_the_binomial_says()
    {
        int[] ranks = [.. Enumerable.Range(0, 1000).Select(i => i < 500 ? 0 : 1)];
        var interval = Metrics.BootstrapTop1(ranks, seed: 3);

        Assert.Equal(interval, Metrics.BootstrapTop1(ranks, seed: 3));
        Assert.Equal(2 * 1.96 * Math.Sqrt(0.25 / 1000), interval.High - interval.Low, 0.006);
        Assert.Equal((1.0, 1.0), (Metrics.BootstrapTop1([0, 0, 0]).Low, Metrics.BootstrapTop1([0, 0, 0]).High));
    }
}
