namespace ByolSharp.Tests;

public sealed class OptionsJsonTests
{
    private static readonly Outer Defaults = new();

    [Fact]
    public void Sets_numbers_texts_enums_and_durations_by_dotted_key()
    {
        var options = OptionsJson.Set(Defaults, "inner.rate=0.5");
        options = OptionsJson.Set(options, "inner.norm=layer");
        options = OptionsJson.Set(options, "inner.every=10steps");
        options = OptionsJson.Set(options, "name=three");
        options = OptionsJson.Set(options, "inner.mean=[1, 2]");

        Assert.Equal((0.5, HeadNorm.Layer, Duration.OfSteps(10), "three"), (options.Inner.Rate, options.Inner.Norm, options.Inner.Every, options.Name));
        Assert.Equal([1, 2], options.Inner.Mean);
    }

    [Fact]
    public void Writing_and_reading_gives_the_same_options()
    {
        var options = Defaults with { Name = "x", Inner = new() { Rate = double.NaN, Mean = [3] } };

        Assert.Equal(OptionsJson.Write(options), OptionsJson.Write(OptionsJson.Read(Defaults, OptionsJson.Write(options), "test")));
    }

    [Theory]
    [InlineData("inner.rat=1", "unknown key inner.rat; did you mean inner.rate?")]
    [InlineData("iner.rate=1", "unknown key iner; did you mean inner?")]
    [InlineData("inner=1", "inner is a group; set one of inner.rate")]
    [InlineData("inner.rate=fast", "inner.rate cannot be \"fast\"; write a number.")]
    [InlineData("inner.norm=bach", "choose one of batch, layer, none")]
    [InlineData("count=1.5", "count cannot be 1.5; write a whole number.")]
    [InlineData("inner.every=soon", "'soon' is no duration")]
    [InlineData("rate", "'rate' is no setting")]
    public void Mistakes_name_the_key_and_the_mend(string assignment, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => OptionsJson.Set(Defaults, assignment));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_json_is_named()
    {
        var error = Assert.Throws<ConfigurationException>(() => OptionsJson.Read(Defaults, "{ oops", "settings.json"));

        Assert.StartsWith("settings.json is not valid JSON", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_are_listed_with_their_groups() => Assert.Equal(["name", "count", "inner.rate", "inner.norm", "inner.every", "inner.mean"], OptionsJson.Keys(Defaults));

    private sealed record Outer
    {
        public string Name { get; init; } = "one";

        public int Count { get; init; } = 1;

        public Inner Inner { get; init; } = new();
    }

    private sealed record Inner
    {
        public double Rate { get; init; } = 1;

        public HeadNorm Norm { get; init; } = HeadNorm.Batch;

        public Duration Every { get; init; } = Duration.OfSteps(1);

        public double[] Mean { get; init; } = [0];
    }
}
