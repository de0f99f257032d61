using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class LabelSplitTests : IDisposable
{
    private static readonly string[] Names = ["cat/1.png", "cat/2.png", "dog/1.png", "dog/3.png"];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_share_is_balanced_seeded_and_nested()
    {
        int[] labels = [.. Enumerable.Range(0, 300).Select(i => i < 200 ? 0 : i < 299 ? 1 : FeatureSet.NoLabel)];
        int[] ten = LabelSplit.ByShare(labels, 0.1, seed: 4), one = LabelSplit.ByShare(labels, 0.01, seed: 4);

        Assert.Equal((20, 10), (ten.Count(i => labels[i] == 0), ten.Count(i => labels[i] == 1)));
        Assert.Equal((2, 1), (one.Count(i => labels[i] == 0), one.Count(i => labels[i] == 1)));
        Assert.All(one, sample => Assert.Contains(sample, ten));
        Assert.NotEqual(ten, LabelSplit.ByShare(labels, 0.1, seed: 5));
        Assert.Equal(299, LabelSplit.ByShare(labels, 1, seed: 4).Length);
    }

    [Fact]
    public void A_list_names_samples_with_or_without_their_folder()
    {
        string list = _folder.Write("list.txt", "# a split\n3.png\n\ncat/1.png\n2.png\n");

        Assert.Equal([0, 1, 3], LabelSplit.FromFile(list, Names));
    }

    [Theory]
    [InlineData("cat/1.png\nowl.png", "line 2", "owl.png", "names like 'cat/1.png'")]
    [InlineData("1.png", "line 1", "may be 2 samples", "cat/1.png")]
    [InlineData("cat/2.png\n2.png", "line 2", "repeats", "of line 1")]
    [InlineData("# nothing\n", "names no sample", "a line", "sample")]
    public void A_list_that_does_not_fit_says_where(string content, params string[] parts)
    {
        string message = Assert.Throws<UnusableDataException>(() => LabelSplit.FromFile(_folder.Write("list.txt", content), Names)).Message;

        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_missing_list_is_named() => Assert.Contains(
        "nowhere.txt", Assert.Throws<ConfigurationException>(() => LabelSplit.FromFile(_folder.Of("nowhere.txt"), Names)).Message, StringComparison.Ordinal);
}
