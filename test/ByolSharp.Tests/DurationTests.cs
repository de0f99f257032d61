using CsCheck;

namespace ByolSharp.Tests;

public sealed class DurationTests
{
    [Theory]
    [InlineData("500steps", DurationUnit.Steps, 500)]
    [InlineData("10epochs", DurationUnit.Epochs, 10)]
    [InlineData("0.5 epochs", DurationUnit.Epochs, 0.5)]
    [InlineData("5%", DurationUnit.Percent, 5)]
    [InlineData("90s", DurationUnit.Seconds, 90)]
    [InlineData("20m", DurationUnit.Seconds, 1200)]
    [InlineData("8h", DurationUnit.Seconds, 28800)]
    public void Reads_every_unit(string text, DurationUnit unit, double value) => Assert.Equal(new Duration(value, unit), Duration.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("ten epochs")]
    [InlineData("-5steps")]
    [InlineData("NaNsteps")]
    [InlineData("5")]
    public void Refuses_what_is_no_duration_and_shows_the_forms(string text) =>
        Assert.Contains("500steps", Assert.Throws<ConfigurationException>(() => Duration.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Writing_and_reading_gives_the_same_duration() =>
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Enum<DurationUnit>()).Sample((value, unit) =>
            Duration.Parse(new Duration(value, unit).ToString()) == new Duration(value, unit));

    [Fact]
    public void Converts_to_steps()
    {
        Assert.Equal(1000, Duration.Parse("10epochs").ToSteps(stepsPerEpoch: 100));
        Assert.Equal(50, Duration.Parse("5%").ToSteps(100, totalSteps: 1000));
        Assert.Equal(600, Duration.Parse("5m").ToSteps(100, secondsPerStep: 0.5));
    }
}
