using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Sources;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void First_folder_level_gives_the_label_however_deep_a_file_lies()
    {
        foreach (string name in new[] { "dog/b/c/4.PNG", "cat/10.png", "cat/2.png", "Zebra/x/1.png", "5.png" })
        {
            _folder.Write(name, Pictures.Png(8, 6, 3));
        }

        using ImageDataset data = ImageSources.Open(_folder.Path);

        Assert.Equal(["5.png", "Zebra/x/1.png", "cat/10.png", "cat/2.png", "dog/b/c/4.PNG"], Names(data));
        Assert.Equal(["Zebra", "cat", "dog"], data.ClassNames);
        Assert.Equal([ImageDataset.NoLabel, 0, 1, 1, 2], Enumerable.Range(0, data.Count).Select(data.LabelOf));
        Assert.Equal((8, 6), (data.Read(4).Width, data.Read(4).Height));
    }

    [Fact]
    public void A_flat_folder_has_no_labels()
    {
        _folder.Write("a.jpg", Pictures.Jpeg(8, 8));
        _folder.Write("b.jpg", Pictures.Jpeg(8, 8));

        using ImageDataset data = ImageSources.Open(_folder.Path);

        Assert.Empty(data.ClassNames);
        Assert.Equal(ImageDataset.NoLabel, data.LabelOf(1));
    }

    [Fact]
    public void Hidden_files_are_passed_over_and_broken_ones_kept()
    {
        _folder.Write("a.png", []);
        _folder.Write("b.png", "text");
        _folder.Write("c.png", Pictures.Png(8, 8, 1));
        _folder.Write(".d.png", Pictures.Png(8, 8, 1));
        _folder.Write(".cache/e.png", Pictures.Png(8, 8, 1));
        _folder.Write("f.txt", "text");

        using ImageDataset data = ImageSources.Open(_folder.Path);

        Assert.Equal(["a.png", "b.png", "c.png"], Names(data));
        Assert.Equal("empty file", Assert.Throws<UnreadableSampleException>(() => data.Read(0)).Message);
        Assert.StartsWith("not an image", Assert.Throws<UnreadableSampleException>(() => data.Read(1)).Message, StringComparison.Ordinal);
        Assert.Equal(1, data.Read(2).Channels);
    }

    [Theory]
    [InlineData("scene6", 1500, 6, "buildings")]
    [InlineData("clothing10", 700, 10, "dress")]
    public void Real_folders_open(string name, int count, int classes, string first)
    {
        using ImageDataset data = ImageSources.Open(TestData.Find(name, "train"));

        Assert.Equal((count, classes, first), (data.Count, data.ClassNames.Count, data.ClassNames[0]));
        Assert.Equal(data.ClassNames[data.LabelOf(count - 1)], data.NameOf(count - 1).Split('/')[0]);
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(3, data.Read(i * count / 20).Channels));
    }

    private static IEnumerable<string> Names(ImageDataset data) => Enumerable.Range(0, data.Count).Select(data.NameOf);
}
