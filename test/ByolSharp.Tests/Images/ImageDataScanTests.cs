using System.Text.Json;
using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class ImageDataScanTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Planted_findings_are_all_reported()
    {
        for (int i = 0; i < 12; i++)
        {
            _folder.Write($"train/{(i < 6 ? "cat" : "dog")}/{i:D2}.png", Pictures.Png(40 + i, 30, 3, i));
        }

        _folder.Write("train/dog/copy.png", Pictures.ToVips(Pictures.Make(40, 30, 3, 0)).PngsaveBuffer(compression: 1));
        _folder.Write("train/cat/small.jpg", Pictures.ToVips(Pictures.Make(43, 30, 3, 3)).Resize(0.5).JpegsaveBuffer());
        _folder.Write("train/dog/grey.png", Pictures.Png(50, 50, 1, 77));
        _folder.Write("train/dog/tiny.png", Pictures.Png(5, 9, 3, 78));
        _folder.Write("train/dog/empty.png", []);
        _folder.Write("train/cat/empty.png", []);
        _folder.Write("train/cat/text.png", "text");
        using ImageDataset data = ImageSources.Open(_folder.Of("train"));

        ImageDataScan scan = Scan(data, new ImageScanOptions { Threads = 2 });

        ImageScanReport report = scan.Report;
        Assert.Equal((19, 16, 3), (report.Images, report.Readable, report.Unreadable));
        Assert.Equal([("empty file", 2), ("not an image (JPEG, PNG, WebP, GIF, TIFF or BMP)", 1)],
            report.UnreadableReasons.Select(r => (r.Reason, r.Count)));
        Assert.Equal(["cat/empty.png", "dog/empty.png"], report.UnreadableReasons[0].Examples);
        Assert.Equal((new SideSummary(5, 45, 51), new SideSummary(9, 30, 50)), (report.Width, report.Height));
        Assert.Equal([(1, 1), (3, 15)], report.Channels.Select(c => (c.Key, c.Value)));
        Assert.Equal(16, report.PixelFormats["UInt8"]);
        Assert.Equal((1, "dog/tiny.png"), (report.Tiny.Count, report.Tiny.Examples[0]));
        Assert.Equal([["cat/00.png", "dog/copy.png"]], report.ExactDuplicates.Examples);
        Assert.Equal([["cat/03.png", "cat/small.jpg"]], report.NearDuplicates.Examples);
        Assert.Equal((1, 1, 1), (report.ExactDuplicates.Redundant, report.NearDuplicates.Redundant, report.LabelConflicts));
        Assert.Equal([("cat", 9), ("dog", 10)], report.Classes.Select(c => (c.Key, c.Value)));
        Assert.Equal(3, scan.Quarantine.Count);
    }

    [Fact]
    public void Leakage_tells_exact_from_near()
    {
        for (int i = 0; i < 10; i++)
        {
            _folder.Write($"train/{i}.png", Pictures.Png(40, 30, 3, i));
        }

        _folder.Write("test/same.png", Pictures.Png(40, 30, 3, 4));
        _folder.Write("test/alike.jpg", Pictures.Jpeg(40, 30, 3, 7));
        _folder.Write("test/new.png", Pictures.Png(40, 30, 3, 99));
        using ImageDataset train = ImageSources.Open(_folder.Of("train")), test = ImageSources.Open(_folder.Of("test"));

        ImageLeakage leakage = Scan(train).LeakageInto(Scan(test), TestContext.Current.CancellationToken);

        Assert.Equal((3, 1, 1), (leakage.Images, leakage.Exact, leakage.Near));
        Assert.Equal([new LeakedImage("same.png", "4.png", true), new LeakedImage("alike.jpg", "7.png", false)], leakage.Examples);
    }

    [Fact]
    public void Real_cifar_has_no_exact_duplicates_but_some_near_ones()
    {
        using ImageDataset train = ImageSources.Open(TestData.Find("cifar10", "train")),
            test = ImageSources.Open(TestData.Find("cifar10", "test"));

        ImageDataScan scan = Scan(train, new ImageScanOptions { Threads = 1 });
        ImageLeakage leakage = scan.LeakageInto(Scan(test), TestContext.Current.CancellationToken);

        Assert.Equal((50_000, 0), (scan.Report.Readable, scan.Report.ExactDuplicates.Groups));
        Assert.InRange(scan.Report.NearDuplicates.Redundant, 50, 300);
        Assert.Equal(0, leakage.Exact);
        Assert.InRange(leakage.Near, 1, 20);
    }

    [Fact]
    public void Number_of_threads_changes_nothing()
    {
        using ImageDataset data = ImageSources.Open(TestData.Find("clothing10", "test"));

        string one = JsonSerializer.Serialize(Scan(data, new ImageScanOptions { Threads = 1 }).Report);
        string four = JsonSerializer.Serialize(Scan(data, new ImageScanOptions { Threads = 4 }).Report);

        Assert.Equal(one, four);
        Assert.Contains("\"Images\":120,\"Readable\":120", one, StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_images_are_no_near_duplicates_of_each_other()
    {
        var images = new ListedImages([.. Enumerable.Range(0, 5).Select(i =>
            new ByolSharp.Images.Image(20, 20, 1, [.. Enumerable.Repeat((byte)i, 400)]))]);

        Assert.Equal(0, Scan(images).Report.NearDuplicates.Groups);
    }

    [Fact]
    public void A_set_without_a_readable_image_has_a_report()
    {
        ImageScanReport report = Scan(new ListedImages([null, null])).Report;

        Assert.Equal((2, 0, 2, null), (report.Images, report.Readable, report.Unlabelled, report.Width));
    }

    [Fact]
    public void Progress_ends_at_the_total_and_cancelling_stops()
    {
        var data = new ListedImages([.. Enumerable.Range(0, 2000).Select(i => Pictures.Make(4, 4, 1, i))]);
        var told = new Recorder();
        using var cancellation = new CancellationTokenSource();

        Scan(data, new ImageScanOptions { Threads = 4 }, told);
        cancellation.Cancel();

        Assert.Equal((2000, 2000), told.Reports[^1]);
        Assert.Equal(told.Reports.Order(), told.Reports);
        Assert.ThrowsAny<OperationCanceledException>(() => ImageDataScan.Run(data, cancellation: cancellation.Token));
    }

    private static ImageDataScan Scan(ImageDataset data, ImageScanOptions? options = null, Recorder? progress = null) =>
        ImageDataScan.Run(data, options, progress, TestContext.Current.CancellationToken);

    private sealed class Recorder : IProgress<(int Done, int Total)>
    {
        public List<(int Done, int Total)> Reports { get; } = [];

        public void Report((int Done, int Total) value) => Reports.Add(value);
    }
}
