using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class CollapseGuardTests
{
    private const int Size = 256;

    [Fact]
    public void A_healthy_run_is_starting_and_then_healthy()
    {
        var states = Run(new(), 1000, step => (2 - step * 0.001, Health(std: 0.3 + 0.0005 * step, rank: 20 + 0.05 * step)));

        Assert.All(states.Where(v => v.Step < 100), v => Assert.Equal(CollapseState.Starting, v.State));
        Assert.All(states.Where(v => v.Step >= 100), v => Assert.Equal(CollapseState.Healthy, v.State));
        Assert.All(states, v => Assert.Equal("", v.Cause));
    }

    [Fact]
    public void A_sudden_collapse_is_named_within_a_hundred_steps()
    {
        var states = Run(new() { HasPredictor = false }, 1000, step =>
            step < 500 ? (1.5, Health(0.9, 90)) : (1e-4, Health(1e-3, 1.2)));

        Assert.All(states.Where(v => v.Step is >= 100 and < 500), v => Assert.Equal(CollapseState.Healthy, v.State));
        Assert.All(states.Where(v => v.Step >= 600), v => Assert.Equal(CollapseState.Collapsed, v.State));
        Assert.Contains("no predictor", states[^1].Cause);
        Assert.Contains("0.1% of the healthy 0.0625", states[^1].Reason);
    }

    [Fact]
    public void A_run_that_collapses_before_it_was_healthy_is_named_after_the_patience()
    {
        var states = Run(new() { BaseTargetEma = 0 }, 600, step => (Math.Exp(-step / 20.0), Health(Math.Max(1e-4, 0.1 * Math.Exp(-step / 20.0)), 1.1)));

        Assert.DoesNotContain(states, v => v.Step < 300 && v.IsAlarm);
        Assert.All(states.Where(v => v.Step >= 300), v => Assert.Equal(CollapseState.Collapsed, v.State));
        Assert.Contains("tau = 0", states[^1].Cause);
        Assert.True(states[^1].IsHopeless);
    }

    [Fact]
    public void A_slow_start_whose_spread_grows_raises_no_alarm()
    {
        var states = Run(new(), 2000, step => (0.3, Health(Math.Min(0.8, 0.005 * Math.Exp(step / 250.0)), Math.Min(60, 2 + step * 0.05))));

        Assert.DoesNotContain(states, v => v.IsAlarm);
        Assert.Equal(CollapseState.Starting, states.First(v => v.Step >= 400).State);
        Assert.Equal(CollapseState.Healthy, states[^1].State);
    }

    [Fact]
    public void Few_dimensions_in_use_are_a_dimensional_collapse()
    {
        var states = Run(new() { BatchSize = 32 }, 1000, step => (1, Health(0.8, step < 400 ? 80 : 4)));

        Assert.Equal(CollapseState.DimensionalCollapse, states[^1].State);
        Assert.Contains("few dimensions", states[^1].Reason);
        Assert.Contains("only 32 samples", states[^1].Cause);
        Assert.False(states[^1].IsHopeless);
    }

    [Fact]
    public void A_narrow_cone_is_a_dimensional_collapse()
    {
        var states = Run(new(), 1000, _ => (0.1, Health(0.1, 60)));

        Assert.Equal(CollapseState.DimensionalCollapse, states[^1].State);
        Assert.Contains("narrow cone", states[^1].Reason);
    }

    [Fact]
    public void The_rank_is_judged_by_what_the_batch_can_show()
    {
        var small = Run(new(), 1000, _ => (1, Health(0.8, 6, batch: 16)));
        var tiny = Run(new(), 1000, _ => (1, Health(0.8, 1.4, batch: 2)));

        Assert.Equal(CollapseState.Healthy, small[^1].State);
        Assert.Equal(CollapseState.Healthy, tiny[^1].State);
    }

    [Fact]
    public void A_loss_that_is_no_number_is_diverging_at_once()
    {
        var guard = new CollapseGuard(new() { Optimizer = "AdamW", LearningRate = 0.2 });
        var verdict = guard.Observe(3, double.NaN, Health(0.8, 60));

        Assert.Equal((CollapseState.Diverging, 3), (verdict.State, verdict.Step));
        Assert.Contains("NaN", verdict.Reason);
        Assert.Contains("0.2 with AdamW", verdict.Cause);
        Assert.Equal(CollapseState.Diverging, guard.Observe(4, 1, Health(double.NaN, double.NaN)).State);
    }

    [Fact]
    public void A_loss_that_goes_back_to_that_of_unrelated_projections_is_diverging()
    {
        var states = Run(new() { Optimizer = "sgd", LearningRate = 3 }, 1000, step => (step < 600 ? 1.2 : 4, Health(0.9, 90)));

        Assert.Equal(CollapseState.Diverging, states[^1].State);
        Assert.Contains("too high for sgd", states[^1].Cause);
    }

    [Fact]
    public void A_loss_that_starts_high_and_falls_is_not_diverging()
    {
        var states = Run(new(), 1000, step => (Math.Max(1, 4.2 - step * 0.005), Health(0.9, 90)));

        Assert.DoesNotContain(states, v => v.IsAlarm);
    }

    [Fact]
    public void One_odd_batch_raises_no_alarm()
    {
        var states = Run(new(), 1000, step => step == 500 ? (0, Health(0, 1)) : (1, Health(0.8, 60)));

        Assert.DoesNotContain(states, v => v.IsAlarm);
    }

    [Theory]
    [InlineData("predictor's learning rate is 0")]
    [InlineData("weight standardisation")]
    [InlineData("tau = 0.5")]
    [InlineData("none is plain")]
    public void Each_cause_is_told_from_its_facts(string cause)
    {
        var facts = cause switch
        {
            "predictor's learning rate is 0" => new CollapseFacts { PredictorLearningRateFactor = 0 },
            "weight standardisation" => new() { HasBatchNorm = false },
            "tau = 0.5" => new() { BaseTargetEma = 0.5 },
            _ => new(),
        };
        var last = Run(facts, 1000, _ => (0, Health(0, 1)))[^1];

        Assert.Contains(cause, last.Cause);
        Assert.Equal($"{last.Reason}; likely cause: {last.Cause}", last.ToString());
        Assert.DoesNotContain('\n', last.ToString());
    }

    private static List<CollapseVerdict> Run(CollapseFacts facts, long steps, Func<long, (double Loss, RepresentationHealth Health)> at)
    {
        var guard = new CollapseGuard(facts);
        var verdicts = new List<CollapseVerdict>();
        for (long step = 0; step < steps; step += 10)
        {
            var (loss, health) = at(step);
            verdicts.Add(guard.Observe(step, loss, health));
        }
        return verdicts;
    }

    private static RepresentationHealth Health(double std, double rank, int batch = 256) =>
        new(std / Math.Sqrt(Size), rank, 0.3, -2, batch, Size);
}
