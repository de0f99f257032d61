namespace ByolSharp.Tests;

public sealed class SuggestionsTests
{
    private static readonly string[] Known = ["resnet18", "resnet34", "vit-tiny", "trainer.checkpointEvery"];

    [Theory]
    [InlineData("resnet19", "resnet18")]
    [InlineData("renset34", "resnet34")]
    [InlineData("VIT-Tiny", "vit-tiny")]
    [InlineData("vittiny", "vit-tiny")]
    [InlineData("trainer.checkpointsEvry", "trainer.checkpointEvery")]
    public void A_mistyped_word_finds_its_neighbour(string word, string expected) => Assert.Equal(expected, Suggestions.Closest(word, Known));

    [Theory]
    [InlineData("efficientnet")]
    [InlineData("")]
    [InlineData("x")]
    public void A_word_far_from_all_finds_none(string word) => Assert.Null(Suggestions.Closest(word, Known));

    [Fact]
    public void Two_swapped_letters_are_one_error() => Assert.Equal("ba", Suggestions.Closest("ab", ["cd", "ba", "xb"]));
}
