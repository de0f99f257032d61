using ByolSharp.Images;
using NetVips;
using Image = ByolSharp.Images.Image;

namespace ByolSharp.Tests.Images;

/// <summary>
/// 2,000 clean CIFAR-10 images as files, among which faults were planted: all are found, each as what it is, and nothing else is.
/// </summary>
public sealed class PlantedFaultsTests : IDisposable
{
    private const int Clean = 2000, CleanTest = 200;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_planted_fault_is_found_and_nothing_else()
    {
        using ImageDataset cifar = ImageSources.Open(TestData.Find("cifar10", "train")), cifarTest = ImageSources.Open(TestData.Find("cifar10", "test"));
        WriteClean(cifar, Clean, "train");
        WriteClean(cifarTest, CleanTest, "test");
        var corrupt = PlantCorrupt(cifar, 20);
        var exact = Plant(cifar, 15, "train/exact", from: 100, Same);
        var near = Plant(cifar, 15, "train/near", from: 200, Alike);
        var leaked = Plant(cifar, 10, "test/leaked", from: 300, (image, i) => i % 2 == 0 ? Same(image, i) : Alike(image, i));

        using ImageDataset train = ImageSources.Open(_folder.Of("train")), test = ImageSources.Open(_folder.Of("test"));
        var scan = ImageDataScan.Run(train, cancellation: TestContext.Current.CancellationToken);
        var leakage = scan.LeakageInto(ImageDataScan.Run(test, cancellation: TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);

        Assert.Equal((Clean + 50, 20, 0), (scan.Report.Images, scan.Report.Unreadable, scan.Report.Tiny.Count));
        Assert.Equal(corrupt, scan.Quarantine.Entries.Select(entry => entry.Name));
        Assert.Equal(
            [.. corrupt.Concat(CopiesOf(exact)).Concat(CopiesOf(near)).Concat(leaked.Values).Order(StringComparer.Ordinal)],
            scan.ToLeaveOut(leakage).Entries.Select(entry => entry.Name));
        Assert.Equal((15, 15, 15, 15), (scan.Report.ExactDuplicates.Groups, scan.Report.ExactDuplicates.Redundant, scan.Report.NearDuplicates.Groups, scan.Report.NearDuplicates.Redundant));
        Assert.Equal((CleanTest + 10, 5, 5), (leakage.Images, leakage.Exact, leakage.Near));
        Assert.Equal(leaked.Keys.Order(StringComparer.Ordinal), leakage.Twins.Select(twin => twin.Test).Order(StringComparer.Ordinal));
        Assert.All(leakage.Twins, twin => Assert.Equal(leaked[twin.Test], twin.Train));
    }

    /// <summary>The first of two names stays, the copy's or its model's.</summary>
    private static IEnumerable<string> CopiesOf(Dictionary<string, string> planted) =>
        planted.Select(pair => string.CompareOrdinal(pair.Key, pair.Value) > 0 ? pair.Key : pair.Value);

    private static byte[] Same(Image image, int i) => Pictures.ToVips(image).PngsaveBuffer(compression: 1 + i % 3);

    /// <summary>Recompressed, enlarged or brightened.</summary>
    private static byte[] Alike(Image image, int i)
    {
        using var picture = Pictures.ToVips(image);
        return (i % 3) switch
        {
            0 => picture.JpegsaveBuffer(q: 85),
            1 => picture.Resize(1.5).PngsaveBuffer(),
            _ => (picture * 0.9 + 8).Cast(Enums.BandFormat.Uchar).PngsaveBuffer(),
        };
    }

    private void WriteClean(ImageDataset cifar, int count, string folder) =>
        Parallel.For(0, count, i => File.WriteAllBytes(Directory.CreateDirectory(_folder.Of($"{folder}/clean")) + $"/{i:D4}.png", Pictures.Png(cifar.Read(i))));

    /// <summary>Writes altered copies and gives each one's name with that of its model.</summary>
    private Dictionary<string, string> Plant(ImageDataset cifar, int count, string folder, int from, Func<Image, int, byte[]> alter)
    {
        string inSet = folder[(folder.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return Enumerable.Range(0, count).ToDictionary(i => $"{inSet}/{i:D2}.png", i =>
        {
            _folder.Write($"{folder}/{i:D2}.png", alter(cifar.Read(from + i), i));
            return $"clean/{from + i:D4}.png";
        });
    }

    private List<string> PlantCorrupt(ImageDataset cifar, int count) => [.. Enumerable.Range(0, count).Select(i =>
    {
        byte[] whole = Pictures.Png(cifar.Read(400 + i));
        _folder.Write($"train/corrupt/{i:D2}.png", (i % 4) switch
        {
            0 => [],
            1 => whole[..(whole.Length / 2)],
            2 => "no image at all"u8.ToArray(),
            _ => [.. new byte[16], .. whole[16..]],
        });
        return $"corrupt/{i:D2}.png";
    })];
}
