using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Sources;

public sealed class CifarBinaryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Real_cifar_opens_with_its_names_and_even_classes()
    {
        using ImageDataset train = ImageSources.Open(TestData.Find("cifar10", "train"));
        using ImageDataset test = ImageSources.Open(TestData.Find("cifar10", "test"));

        Assert.Equal((50_000, 1_000), (train.Count, test.Count));
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], train.ClassNames);
        Assert.Equal(train.ClassNames, test.ClassNames);
        Assert.Equal(Enumerable.Repeat(5_000, 10),
            Enumerable.Range(0, train.Count).CountBy(train.LabelOf).OrderBy(p => p.Key).Select(p => p.Value));
        Assert.Equal(("data_batch_1.bin/00000", 6), (train.NameOf(0), train.LabelOf(0)));
    }

    [Fact]
    public void Planes_become_pixels()
    {
        var record = new byte[3073];
        record[0] = 7;
        (record[1 + 33], record[1 + 1024 + 33], record[1 + 2048 + 33]) = (10, 20, 30);
        string file = _folder.Write("a.bin", record);

        using ImageDataset data = ImageSources.Open(file);
        Image image = data.Read(0);

        Assert.Equal((32, 32, 3, 7, "7"), (image.Width, image.Height, image.Channels, data.LabelOf(0), data.ClassNames[7]));
        Assert.Equal([10, 20, 30], image.Bytes.Slice((1 * 32 + 1) * 3, 3).ToArray());
        Assert.Equal(60, image.Bytes.ToArray().Sum(b => b));
    }

    [Fact]
    public void Test_batch_stays_out_of_training_data()
    {
        _folder.Write("data_batch_1.bin", new byte[2 * 3073]);
        string test = _folder.Write("test_batch.bin", new byte[3073]);

        using ImageDataset folder = ImageSources.Open(_folder.Path), file = ImageSources.Open(test);

        Assert.Equal((2, 1), (folder.Count, file.Count));
    }

    [Fact]
    public void Truncated_or_foreign_files_are_refused()
    {
        string cut = _folder.Write("a/a.bin", new byte[5000]), cifar100 = _folder.Write("b/b.bin", [.. Enumerable.Repeat((byte)42, 3073)]);

        Assert.Equal($"'{cut}' is truncated or not CIFAR-10: its 5,000 bytes are no multiple of 3,073, the length of a record",
            Assert.Throws<UnusableDataException>(() => ImageSources.Open(_folder.Of("a"))).Message);
        Assert.Contains("record 0 has the label 42",
            Assert.Throws<UnusableDataException>(() => ImageSources.Open(cifar100)).Message, StringComparison.Ordinal);
    }
}
