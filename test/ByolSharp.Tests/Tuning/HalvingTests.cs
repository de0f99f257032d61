using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class HalvingTests
{
    [Fact]
    public void Sixteen_trials_and_four_full_trainings()
    {
        var plan = Halving.Plan(16, 4, 400, 1600);

        // 16 a + 5 b + 2 x 400 with b = sqrt(400 a): a = 20 gives 320 + 5 x 89 + 800 = 1,565, a = 21 gives 336 + 5 x 92 + 800 = 1,596, a = 22 too much.
        Assert.Equal([21, 92, 400], plan.Rungs);
        Assert.Equal([16, 4, 1], plan.Counts);
        Assert.Equal(1596, plan.Cost);
    }

    [Fact]
    public void One_decision_leaves_a_longer_first_rung()
    {
        var plan = Halving.Plan(16, 16, 400, 1600);

        Assert.Equal([50, 400], plan.Rungs);
        Assert.Equal(16 * 50 + 2 * 400, plan.Cost);
    }

    [Fact]
    public void A_budget_that_is_too_small_says_what_to_do()
    {
        var error = Assert.Throws<ConfigurationException>(() => Halving.Plan(16, 4, 400, 700));

        Assert.Contains("700 steps are too few", error.Message, StringComparison.Ordinal);
        Assert.Contains("--length", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_go_on_and_the_preset_too()
    {
        var plan = Halving.Plan(8, 4, 100, 1000); // 8, 2, 1
        var scores = new Dictionary<int, double> { [0] = 0.1, [1] = 0.5, [2] = 0.9, [3] = double.NaN, [4] = 0.7, [5] = 0.2, [6] = 0.7, [7] = 0.3 };

        Assert.Equal([0, 2, 4], plan.Promote(0, scores)); // 2 is best, 4 and 6 are equal and 4 came first, 0 is the preset's
        Assert.Equal([0, 4], plan.Promote(1, new Dictionary<int, double> { [0] = 0.2, [2] = 0.3, [4] = 0.4 }));
    }

    [Fact]
    public void A_preset_among_the_best_takes_no_place_besides() =>
        Assert.Equal([0, 2], Halving.Plan(8, 4, 100, 1000).Promote(0, new Dictionary<int, double> { [0] = 0.8, [1] = 0.5, [2] = 0.9, [3] = 0.7 }));

    [Fact]
    public void What_collapsed_never_goes_on_not_even_the_preset() =>
        Assert.Equal([1], Halving.Plan(8, 4, 100, 1000).Promote(0, new Dictionary<int, double> { [0] = double.NaN, [1] = 0, [2] = double.NaN }));
}
