using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class BestChoiceTests
{
    [Fact]
    public void The_highest_score_wins_and_of_equals_the_earlier()
    {
        var choice = new BestChoice(BestBy.Lidar, patience: 0);
        bool[] best = [.. new[] { 3.0, 5, 5, 4 }.Select((score, i) => choice.Offer(10 * (i + 1), score, collapsed: false))];

        Assert.Equal([true, true, false, false], best);
        Assert.Equal(new BestCheckpoint(BestBy.Lidar, 5, 20), choice.Best);
    }

    [Fact]
    public void A_collapsed_state_and_a_score_that_is_no_number_never_win()
    {
        var choice = new BestChoice(BestBy.RankMe, patience: 0);

        Assert.False(choice.Offer(10, 100, collapsed: true));
        Assert.False(choice.Offer(20, double.NaN, collapsed: false));
        Assert.Null(choice.Best);
        Assert.True(choice.Offer(30, 2, collapsed: false));
        Assert.False(choice.Offer(40, double.PositiveInfinity, collapsed: false));
    }

    [Fact]
    public void It_has_stalled_when_the_best_score_is_as_long_ago_as_the_patience()
    {
        var choice = new BestChoice(BestBy.ViewRetrieval, patience: 100);
        choice.Offer(50, 0.3, collapsed: false);
        choice.Offer(100, 0.2, collapsed: false);

        Assert.False(choice.HasStalled(149));
        Assert.True(choice.HasStalled(150));
        Assert.True(choice.Offer(150, 0.4, collapsed: false));
        Assert.False(choice.HasStalled(150));
        Assert.False(new BestChoice(BestBy.ViewRetrieval, patience: 0).HasStalled(long.MaxValue));
    }

    [Fact]
    public void A_run_that_goes_on_keeps_its_best_unless_the_rule_changed()
    {
        var best = new BestCheckpoint(BestBy.Lidar, 5, 20);
        BestChoice same = new(BestBy.Lidar, 0), other = new(BestBy.RankMe, 0);
        same.Restore(best);
        other.Restore(best);

        Assert.Equal(best, same.Best);
        Assert.Null(other.Best);
    }
}
