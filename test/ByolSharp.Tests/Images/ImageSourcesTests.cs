using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class ImageSourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_not_there_or_holds_no_images_is_said()
    {
        _folder.Write("empty/notes.md", "no images here");
        _folder.Write("odd.xyz", "?");
        _folder.Write("one.png", Pictures.Png(4, 4, 3));

        Assert.Equal($"'{_folder.Of("missing")}' does not exist", ErrorOf("missing"));
        Assert.StartsWith($"no images in '{_folder.Of("empty")}': looked for image files (.jpg .jpeg .png",
            ErrorOf("empty"), StringComparison.Ordinal);
        Assert.Equal($"no file matches '{_folder.Of("shards-*.tar")}'", ErrorOf("shards-*.tar"));
        Assert.Contains("single image: name its folder", ErrorOf("one.png"), StringComparison.Ordinal);
        Assert.Contains("is of no kind that is known", ErrorOf("odd.xyz"), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_one_level_deeper_is_pointed_at()
    {
        string data = TestData.Find("cifar10");

        Assert.EndsWith($"did you mean '{Path.Combine(data, "train")}'?",
            Assert.Throws<UnusableDataException>(() => ImageSources.Open(data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Class_names_given_decide_the_labels()
    {
        _folder.Write("data/cat/1.png", Pictures.Png(4, 4, 3));
        _folder.Write("data/owl/2.png", Pictures.Png(4, 4, 3));

        var options = new ImageSourceOptions { ClassNames = ["ant", "cat", "dog", "owl"] };

        using ImageDataset data = ImageSources.Open(_folder.Of("data"), options);

        Assert.Equal([1, 3], Enumerable.Range(0, 2).Select(data.LabelOf));
        Assert.Equal("class 'owl' is not among the classes expected: cat, dog",
            Assert.Throws<UnusableDataException>(() =>
                ImageSources.Open(_folder.Of("data"), options with { ClassNames = ["cat", "dog"] })).Message);
    }

    private string ErrorOf(string name) => Assert.Throws<UnusableDataException>(() => ImageSources.Open(_folder.Of(name))).Message;
}
