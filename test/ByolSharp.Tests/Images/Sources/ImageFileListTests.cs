using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Sources;

public sealed class ImageFileListTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public ImageFileListTests()
    {
        _folder.Write("pictures/a one.png", Pictures.Png(5, 4, 3));
        _folder.Write("pictures/b,two.png", Pictures.Png(6, 4, 3));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Text_list_keeps_its_order_and_takes_labels_after_a_tab()
    {
        string list = _folder.Write("list.txt",
            "# found in the garden\npictures/b,two.png\tbee\n\npictures/a one.png\tant\r\nmissing.png\n");

        using ImageDataset data = ImageSources.Open(list);

        Assert.Equal(["pictures/b,two.png", "pictures/a one.png", "missing.png"], Enumerable.Range(0, 3).Select(data.NameOf));
        Assert.Equal(["ant", "bee"], data.ClassNames);
        Assert.Equal([1, 0, ImageDataset.NoLabel], Enumerable.Range(0, 3).Select(data.LabelOf));
        Assert.Equal([6, 5], Enumerable.Range(0, 2).Select(i => data.Read(i).Width));
        Assert.Equal("no such file", Assert.Throws<UnreadableSampleException>(() => data.Read(2)).Message);
    }

    [Fact]
    public void Csv_list_finds_its_columns_and_reads_quotes()
    {
        string list = _folder.Write("list.csv", "id,Label,File\n1,\"a \"\"b\"\"\",pictures/a one.png\n2,c,\"pictures/b,two.png\"\n");

        using ImageDataset data = ImageSources.Open(list);

        Assert.Equal(["a \"b\"", "c"], data.ClassNames);
        Assert.Equal([5, 6], Enumerable.Range(0, 2).Select(i => data.Read(i).Width));
    }

    [Fact]
    public void Labels_that_are_numbers_stay_these_numbers()
    {
        string list = _folder.Write("list.csv", "path,label\npictures/a one.png,10\n\"pictures/b,two.png\",2\n");

        using ImageDataset data = ImageSources.Open(list);

        Assert.Equal([10, 2], Enumerable.Range(0, 2).Select(data.LabelOf));
        Assert.Equal((11, "10"), (data.ClassNames.Count, data.ClassNames[10]));
    }

    [Theory]
    [InlineData("a.txt", "# nothing\n", "names no files")]
    [InlineData("b.txt", "x.png\ny.png\nx.png\n", "line 3 of '{0}' repeats 'x.png' of line 1")]
    [InlineData("c.csv", "name,label\nx.png,1\n", "has no column 'path' or 'file' in its first line: name, label")]
    [InlineData("d.csv", "path,label\nx.png,1\ny.png\n", "line 3 of '{0}' has 1 cells where the header has 2")]
    [InlineData("e.csv", "path\n\"x.png\n", "line 2 of '{0}' opens a quote and never closes it")]
    [InlineData("f.csv", "path,label\n,1\n", "line 2 of '{0}' has no path")]
    public void What_is_wrong_with_a_list_is_said(string name, string content, string message)
    {
        string list = _folder.Write(name, content);

        Assert.Contains(message.Replace("{0}", list, StringComparison.Ordinal),
            Assert.Throws<UnusableDataException>(() => ImageSources.Open(list)).Message, StringComparison.Ordinal);
    }
}
