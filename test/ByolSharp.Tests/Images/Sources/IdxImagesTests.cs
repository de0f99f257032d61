using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Sources;

public sealed class IdxImagesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Real_mnist_opens_training_data_by_folder_and_test_data_by_file()
    {
        string folder = TestData.Find("mnist");

        using ImageDataset train = ImageSources.Open(folder), test = ImageSources.Open(Path.Combine(folder, "t10k-images-idx3-ubyte.gz"));

        Assert.Equal((3_000, 1_000, 10, 10), (train.Count, test.Count, train.ClassNames.Count, test.ClassNames.Count));
        Assert.Equal((28, 28, 1), (test.Read(999).Width, test.Read(999).Height, test.Read(999).Channels));
        Assert.All(Enumerable.Range(0, 10), label =>
            Assert.InRange(Enumerable.Range(0, 3_000).Count(i => train.LabelOf(i) == label), 200, 400));
        Assert.InRange(train.Read(0).Bytes.ToArray().Average(b => b), 15, 60);
    }

    [Fact]
    public void Plain_files_open_with_and_without_labels()
    {
        string images = _folder.Write("train-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4]);
        using (ImageDataset plain = ImageSources.Open(images))
        {
            Assert.Equal((2, 0, ImageDataset.NoLabel), (plain.Count, plain.ClassNames.Count, plain.LabelOf(1)));
            Assert.Equal((2, 1), (plain.Read(1).Width, plain.Read(1).Height));
            Assert.Equal([3, 4], plain.Read(1).Bytes.ToArray());
        }

        _folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 5, 0]);
        using ImageDataset labelled = ImageSources.Open(_folder.Path);
        Assert.Equal([5, 0], Enumerable.Range(0, 2).Select(labelled.LabelOf));
    }

    [Fact]
    public void Damage_is_said()
    {
        string cut = _folder.Write("a-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2]);
        string foreign = _folder.Write("b-images-idx3-ubyte", [1, 2, 3, 4, 5, 6, 7, 8]);
        string few = _folder.Write("c-images-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2]);
        _folder.Write("c-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 5]);
        string gzip = _folder.Write("d-images-idx3-ubyte.gz", [1, 2, 3]);

        Assert.EndsWith("is truncated or damaged: fetch it again", ErrorOf(cut), StringComparison.Ordinal);
        Assert.EndsWith("does not start with 0x00000803", ErrorOf(foreign), StringComparison.Ordinal);
        Assert.EndsWith("has 1 labels for 2 images", ErrorOf(few), StringComparison.Ordinal);
        Assert.EndsWith("is truncated or damaged: fetch it again", ErrorOf(gzip), StringComparison.Ordinal);
    }

    private static string ErrorOf(string path) => Assert.Throws<UnusableDataException>(() => ImageSources.Open(path)).Message;
}
