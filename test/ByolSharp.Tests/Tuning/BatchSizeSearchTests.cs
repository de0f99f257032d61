using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class BatchSizeSearchTests
{
    private static readonly TimeSpan Patient = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1000, 64)] // 80% of 1,000: 100 + 10 x 64 = 740 fits, 100 + 1,280 does not
    [InlineData(1740, 128)]
    [InlineData(100_000, 4096)]
    public void The_largest_power_of_two_that_fits(long available, int expected)
    {
        var probe = new FakeProbe(available, batch => 100 + 10 * batch);

        Assert.Equal(new(expected, true, 100 + 10 * expected), BatchSizeSearch.Find(probe, 8, 4096, Patient));
        Assert.All(probe.Tried, batch => Assert.True(100 + 10 * batch <= available, "a size was tried that could not fit"));
    }

    [Fact]
    public void A_size_that_turns_out_larger_than_the_line_said_is_not_taken() =>
        Assert.Equal(16, BatchSizeSearch.Find(new FakeProbe(1000, batch => batch <= 16 ? 10 * batch : 850), 8, 4096, Patient).BatchSize);

    [Fact]
    public void A_device_that_says_nothing_is_tried_until_it_is_full() =>
        Assert.Equal(new(256, true, 0), BatchSizeSearch.Find(new FakeProbe(0, _ => 0, fits: batch => batch <= 300), 8, 4096, Patient));

    [Fact]
    public void Sizes_that_would_take_long_are_extrapolated()
    {
        var probe = new FakeProbe(10_000, batch => 100 + 10 * batch, seconds: batch => 0.1 * batch);

        var found = BatchSizeSearch.Find(probe, 8, 4096, TimeSpan.FromSeconds(2));

        Assert.Equal(new(512, false, 100 + 10 * 512), found); // 1,024 would take 10,340 of 8,000
        Assert.Equal([8, 16], probe.Tried);
    }

    [Fact]
    public void No_more_than_the_limit() => Assert.Equal(64, BatchSizeSearch.Find(new FakeProbe(100_000, batch => batch), 8, 100, Patient).BatchSize);

    [Fact]
    public void Where_nothing_fits_it_is_said() =>
        Assert.Contains("not even 8 samples", Assert.Throws<ConfigurationException>(
            () => BatchSizeSearch.Find(new FakeProbe(0, _ => 0, fits: _ => false), 8, 4096, Patient)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_real_training_fits()
    {
        var options = SmallRun.Options() with { Data = new() { Path = "demo:test", ImageSize = 16, Workers = 1 } };
        using var probe = new StepProbe(options, TestContext.Current.CancellationToken);

        var step = probe.Try(32);

        Assert.True(step is { Fits: true, PeakMemory: > 0, Seconds: > 0 });
        Assert.True(step.PeakMemory < probe.AvailableMemory);
    }

    private sealed class FakeProbe(long available, Func<int, long> peak, Func<int, bool>? fits = null, Func<int, double>? seconds = null) : IStepProbe
    {
        public List<int> Tried { get; } = [];

        public long AvailableMemory => available;

        public ProbedStep Try(int batchSize)
        {
            Tried.Add(batchSize);
            return new(fits?.Invoke(batchSize) ?? true, peak(batchSize), seconds?.Invoke(batchSize) ?? 0);
        }
    }
}
