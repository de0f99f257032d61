using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class SearchDimensionTests
{
    [Theory]
    [InlineData("a=1..3", 0.25, "1.5")]
    [InlineData("a=0.5..8:log", 0, "0.5")]
    [InlineData("a=0.5..8:log", 0.5, "2")]
    [InlineData("a=0.5..8:log", 1, "8")]
    [InlineData("a=0.9..0.999:near-one", 0.5, "0.99")]
    [InlineData("a=1..100:log:int", 0.25, "3")]
    [InlineData("a=lars,sgd", 0.49, "lars")]
    [InlineData("a=lars,sgd", 1, "sgd")]
    public void A_place_has_a_value(string text, double unit, string expected) => Assert.Equal(expected, SearchDimension.Parse(text).At(unit));

    [Fact]
    public void Several_options_take_the_same_value() =>
        Assert.Equal(["views.t.hue=0.1", "views.tPrime.hue=0.1"], SearchDimension.Parse("views.t.hue+views.tPrime.hue=0.1..0.2").Settings("0.1"));

    [Theory]
    [InlineData("", "is no search")]
    [InlineData("a", "is no search")]
    [InlineData("a=", "is no search")]
    [InlineData("a=1", "is no search")]
    [InlineData("a=1..", "is no search")]
    [InlineData("a=1..x", "is no search")]
    [InlineData("a=1,,2", "is no search")]
    [InlineData("a=2..1", "smaller number first")]
    [InlineData("a=0..1:log", "above 0")]
    [InlineData("a=0.5..1:near-one", "below 1")]
    [InlineData("a=1..2:cubic", "'cubic'")]
    public void What_is_none_is_told_in_a_line(string text, string expected)
    {
        string message = Assert.Throws<ConfigurationException>(() => SearchDimension.Parse(text)).Message;

        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }
}
