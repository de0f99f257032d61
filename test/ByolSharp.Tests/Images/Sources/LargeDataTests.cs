using System.Formats.Tar;
using ByolSharp.Images;
using ByolSharp.Tests.Training;

namespace ByolSharp.Tests.Images.Sources;

/// <summary>What a file costs before it is read: memory for its name, and passing memory for parsing it. Looks at the whole heap.</summary>
[Collection(nameof(WholeProcess))]
public sealed class LargeDataTests : IDisposable
{
    private const int Count = 100_000, Classes = 100, NameLength = 72; // a string of 24 characters
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("list.txt", "", '\t', 500)]
    [InlineData("list.csv", "path,label\n", ',', 900)]
    public void A_line_of_a_list_costs_little_more_than_its_name(string name, string header, char separator, int allocated)
    {
        string list = _folder.Write(name, header + string.Concat(Enumerable.Range(0, Count).Select(i => $"{NameOf(i)}{separator}class{i % Classes}\n")));

        AssertFrugal(list, retained: NameLength + 20, allocated);
    }

    [Fact]
    public void A_member_of_a_tar_costs_little_more_than_its_name()
    {
        string tar = _folder.Of("data.tar");
        using (var writer = new TarWriter(File.Create(tar), TarEntryFormat.Ustar))
        {
            for (int i = 0; i < Count; i++)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, NameOf(i)));
            }
        }

        AssertFrugal(tar, retained: NameLength + 60, allocated: 900);
    }

    public void Dispose() => _folder.Dispose();

    private static string NameOf(int index) => $"class{index % Classes:D3}/image{index:D6}.jpg";

    /// <summary>Opens data on this thread and counts bytes a sample: those that stay, and all that were asked for.</summary>
    private static void AssertFrugal(string path, int retained, int allocated)
    {
        ImageSources.Open(path).Dispose(); // code is compiled, buffers are there
        long before = GC.GetTotalMemory(forceFullCollection: true), asked = GC.GetAllocatedBytesForCurrentThread();
        using ImageDataset data = ImageSources.Open(path);
        asked = GC.GetAllocatedBytesForCurrentThread() - asked;
        long kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.Equal(Count, data.Count);
        Assert.InRange(kept, 0, (long)retained * Count);
        Assert.InRange(asked, 0, (long)allocated * Count);
    }
}
