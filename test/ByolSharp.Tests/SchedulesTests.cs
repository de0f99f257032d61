namespace ByolSharp.Tests;

/// <summary>reference: the authors' schedules at batch size 4096 on ImageNet (invariants 8 and 9).</summary>
public sealed class SchedulesTests
{
    private const long ImageNet = 1281167;
    private const int BatchSize = 4096;

    public static TheoryData<int, double, double, long, double, double, double, double> Published => new()
    {
        // epochs, base lr, base tau, K, lr(1), lr(W - 1), lr(K / 2), tau(K / 2)
        { 40, 0.45, 0.97, 12511, 0.00230253, 7.1976975, 5.4, 0.984998 },
        { 100, 0.45, 0.99, 31278, 0.00230253, 7.1976975, 4.2249576, 0.995 },
        { 300, 0.3, 0.99, 93835, 0.00153502, 4.7984650, 2.5299391, 0.9949999 },
        { 1000, 0.2, 0.996, 312784, 0.00102335, 3.1989767, 1.6253787, 0.998 },
    };

    [Theory, MemberData(nameof(Published))]
    public void Published_presets_give_the_golden_values(
        int epochs, double baseRate, double baseTau, long total, double lr1, double lrBeforePeak, double lrHalf, double tauHalf)
    {
        double stepsPerEpoch = (double)ImageNet / BatchSize;
        long k = Duration.OfEpochs(epochs).ToSteps(stepsPerEpoch);
        long w = Duration.OfEpochs(10).ToSteps(stepsPerEpoch);
        double peak = baseRate * BatchSize / 256;
        var lr = Schedules.WarmupCosine(peak, w, k);
        var rate = Schedules.TargetUpdateRate(baseTau, k);

        Assert.Equal(total, k);
        Assert.Equal(3127, w);
        Assert.Equal(0, lr(0));
        Assert.Equal(lr1, lr(1), 5e-9);
        Assert.Equal(lrBeforePeak, lr(w - 1), 5e-8);
        Assert.Equal(peak, lr(w), 1e-12);
        Assert.Equal(lrHalf, lr(k / 2), 5e-8);
        Assert.Equal(0, lr(k), 1e-12);
        Assert.Equal(baseTau, 1 - rate(0), 1e-15);
        Assert.Equal(tauHalf, 1 - rate(k / 2), 1e-6);
        Assert.Equal(0, rate(k), 1e-18);
    }

    [Fact]
    public void Tau_a_quarter_through_the_1000_epoch_preset_is_the_golden_value() =>
        Assert.Equal(0.99658579, 1 - Schedules.TargetUpdateRate(0.996, 312784)(312784 / 4), 5e-9);

    [Fact]
    public void Learning_rate_is_continuous_where_warm_up_ends()
    {
        var lr = Schedules.WarmupCosine(1, 100, 10_000);

        Assert.Equal(lr(100), lr(99), 0.0101);
        Assert.Equal(lr(100), lr(101), 1e-6);
    }

    [Fact]
    public void Tau_never_falls_and_its_complement_keeps_precision_to_the_last_step()
    {
        const long total = 312784;
        var rate = Schedules.TargetUpdateRate(0.996, total);
        double[] rates = [.. Enumerable.Range(0, 2000).Select(i => rate(i * total / 1999))];

        Assert.All(rates.Zip(rates.Skip(1)), pair => Assert.True(pair.Second <= pair.First));
        // The last step's 1 - tau is about 1e-13: it vanishes when computed as 1 minus a single-precision tau.
        Assert.InRange(rate(total - 1), 1e-15, 1e-12);
        Assert.Equal(0f, 1f - (float)(1 - rate(total - 1)));
    }

    [Fact]
    public void Warm_up_longer_than_training_is_refused()
    {
        var error = Assert.Throws<ConfigurationException>(() => Schedules.WarmupCosine(1, 11, 10));

        Assert.Contains("optimizer.warmup", error.Message, StringComparison.Ordinal);
    }
}
