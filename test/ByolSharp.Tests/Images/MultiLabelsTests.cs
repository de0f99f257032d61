using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class MultiLabelsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Names_between_semicolons_become_a_value_a_class()
    {
        string list = _folder.Write("train.csv", "file,labels\na.png,dog; person\nb.png,\nc.png,\"cat;dog?\"\n");
        var labels = MultiLabels.Read(list);

        Assert.Equal(["cat", "dog", "person"], labels.ClassNames);
        Assert.Equal([0, 1, 1], labels.Of(0));
        Assert.Equal([0, 0, 0], labels.Of(1));
        Assert.Equal([1, -1, 0], labels.Of(2));
        Assert.Equal([1, 0, 0], MultiLabels.Read(_folder.Write("test.csv", "file,labels\nd.png,cat\n"), labels.ClassNames).Of(0));

        using var images = ImageSources.Open(list);
        Assert.Equal((3, 0, "c.png"), (images.Count, images.ClassNames.Count, images.NameOf(2)));
    }

    [Theory]
    [InlineData("a.csv", "file,label\nx.png,dog\n", "has no column 'labels' in its first line: file, label")]
    [InlineData("b.csv", "file,labels\nx.png,dog;dog?\n", "line 2 of '{0}' names class 'dog' twice")]
    [InlineData("c.csv", "file,labels\nx.png,dog\ny.png,eel\n", "line 3 of '{0}' has class 'eel', which the training list does not have")]
    [InlineData("d.csv", "file,labels\nx.png,\n", "names no class in its column 'labels'")]
    [InlineData("e.txt", "x.png\tdog\n", "is no .csv list")]
    public void What_is_wrong_with_a_list_is_said(string name, string content, string message)
    {
        string list = _folder.Write(name, content);

        Assert.Contains(message.Replace("{0}", list, StringComparison.Ordinal),
            Assert.Throws<UnusableDataException>(() => MultiLabels.Read(list, name == "c.csv" ? ["dog"] : null)).Message, StringComparison.Ordinal);
    }
}
