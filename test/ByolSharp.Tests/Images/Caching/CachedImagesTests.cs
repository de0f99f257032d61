using ByolSharp.Images;
using ByolSharp.Images.Caching;
using ByolSharp.Sources;

namespace ByolSharp.Tests.Images.Caching;

public sealed class CachedImagesTests
{
    [Fact]
    public void An_image_that_fits_is_read_once()
    {
        var source = Images(10);
        using var data = new CachedImages(source, 1000);

        Image[] first = [.. Enumerable.Range(0, 10).Select(data.Read)];

        Assert.All(Enumerable.Range(0, 10), i => Assert.Same(first[i], data.Read(i)));
        Assert.Equal((10, 1000), (source.Reads, data.KeptBytes));
    }

    [Fact]
    public void The_limit_holds_with_many_threads()
    {
        var source = Images(100);
        using var data = new CachedImages(source, 3050);

        Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            Assert.Equal(i % 100, data.Read(i % 100).Bytes[0]);
            Assert.InRange(data.KeptBytes, 0, 3050);
        });

        Assert.Equal(3000, data.KeptBytes);
        int before = source.Reads;
        Assert.All(Enumerable.Range(0, 100), i => data.Read(i));
        Assert.Equal(70, source.Reads - before);
    }

    [Fact]
    public void What_is_in_memory_is_not_kept_twice()
    {
        using var folder = new TempFolder();
        using var data = new CachedImages(ImageSources.Open(folder.Write("a.bin", new byte[3073])), 1_000_000);

        Assert.Same(data.Read(0), data.Read(0));
        Assert.Equal(0, data.KeptBytes);
        Assert.True(data.IsInMemory);
    }

    [Fact]
    public void Decorators_pass_names_labels_and_disposal_on()
    {
        var source = new ListedImages([new(1, 1, 3, new byte[3])], [0]);
        var data = new CachedImages(new ReadableImages(source, 3, new Quarantine()), 100);

        Assert.Equal((1, "0000.png", 0, "class0"), (data.Count, data.NameOf(0), data.LabelOf(0), data.ClassNames[0]));
        data.Dispose();
        Assert.Equal(1, source.Disposals);
    }

    private static ListedImages Images(int count) =>
        new([.. Enumerable.Range(0, count).Select(i => new Image(10, 10, 1, [.. Enumerable.Repeat((byte)i, 100)]))]);
}
