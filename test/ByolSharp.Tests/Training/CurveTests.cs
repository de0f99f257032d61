using ByolSharp.Training;
using CsCheck;

namespace ByolSharp.Tests.Training;

public sealed class CurveTests
{
    [Fact]
    public void A_thinned_curve_keeps_its_ends_and_its_extremes_in_order() =>
        Gen.Select(Gen.Double[-1e3, 1e3].Array[1, 500], Gen.Int[4, 60]).Sample((values, most) =>
        {
            var curve = Of(values);
            var thin = curve.Thinned(most);

            Assert.InRange(thin.Points.Count, 1, Math.Max(most, 1));
            Assert.Equal((curve.Points[0], curve.Points[^1]), (thin.Points[0], thin.Points[^1]));
            Assert.Equal((values.Min(), values.Max()), (thin.Points.Min(p => p.Value), thin.Points.Max(p => p.Value)));
            Assert.Equal(thin.Points.Select(p => p.Step).Distinct().Order(), thin.Points.Select(p => p.Step));
            Assert.Subset(curve.Points.ToHashSet(), thin.Points.ToHashSet());
        });

    [Fact]
    public void A_short_curve_stays_whole() => Assert.Equal(5, Of([1, 2, 3, 4, 5]).Thinned(5).Points.Count);

    [Fact]
    public void A_trend_is_the_mean_of_what_lies_around()
    {
        double[] noisy = [.. Enumerable.Range(0, 800).Select(i => i + (i % 2 == 0 ? 50.0 : -50.0))];
        var trend = Of(noisy).Smoothed().Points;

        Assert.Equal(800, trend.Count);
        Assert.All(trend.Skip(10).SkipLast(10), p => Assert.Equal(p.Step, p.Value, 3.0));
    }

    private static Curve Of(double[] values) => new("loss", [.. values.Select((v, i) => new CurvePoint(i, v))]);
}
