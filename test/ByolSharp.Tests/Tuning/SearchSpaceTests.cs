using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class SearchSpaceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Every_preset_has_a_space_around_itself_that_works() => Assert.All(Presets.All, preset =>
    {
        var space = SearchSpace.Around(preset.Options);

        space.Validate(preset.Options);
        Assert.InRange(space.Dimensions.Count, 4, 5);
        Assert.Contains(space.Dimensions, d => d.Low < preset.Options.Optimizer.BaseLearningRate && preset.Options.Optimizer.BaseLearningRate < d.High);
    });

    [Theory]
    [InlineData("optimizer.baseLearningRat=1..2", "did you mean optimizer.baseLearningRate?")]
    [InlineData("byol.baseTargetEma=0.5..1.5", "byol.baseTargetEma = 1.5")]
    [InlineData("optimizer.kind=lars,sdg", "lars, sgd, adamW")]
    [InlineData("trainer.batchSize=64..128", "whole number")]
    public void A_range_that_does_not_work_is_told_before_anything_is_trained(string text, string expected)
    {
        var space = new SearchSpace([SearchDimension.Parse(text)]);

        Assert.Contains(expected, Assert.Throws<ConfigurationException>(() => space.Validate(Presets.Get("demo"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_is_searched_once()
    {
        var space = new SearchSpace([SearchDimension.Parse("seed=1..2:int"), SearchDimension.Parse("seed=3,4")]);

        Assert.Contains("seed is searched twice", Assert.Throws<ConfigurationException>(() => space.Validate(new())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_says_the_same()
    {
        string file = _folder.Write("space.json", """{ "optimizer.baseLearningRate": "0.5..8:log", "optimizer.kind": "lars,sgd" }""");

        Assert.Equal(["optimizer.baseLearningRate=0.5..8:log", "optimizer.kind=lars,sgd"], SearchSpace.Load(file).Dimensions.Select(d => d.ToString()));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{ \"seed\": 3 }")]
    [InlineData("not json")]
    public void A_damaged_file_is_told_in_a_line(string content)
    {
        string message = Assert.Throws<ConfigurationException>(() => SearchSpace.Load(_folder.Write("bad.json", content))).Message;

        Assert.Contains("bad.json is no search space", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
