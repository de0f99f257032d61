using ByolSharp.Sources;

namespace ByolSharp.Tests.Sources;

public sealed class QuarantineTests
{
    [Fact]
    public void Entries_are_written_in_order_of_their_names_whatever_the_order_of_finds()
    {
        using var folder = new TempFolder();
        var quarantine = new Quarantine();
        Parallel.For(0, 100, i => quarantine.Add($"{(i * 37) % 50:D2}\t.png", "empty\nfile"));

        quarantine.Write(folder.Of("quarantine.txt"));

        Assert.Equal(50, quarantine.Count);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i:D2} .png\tempty file"), File.ReadAllLines(folder.Of("quarantine.txt")));
    }

    [Fact]
    public void Too_many_stop_the_run_and_a_few_do_not()
    {
        var quarantine = new Quarantine();
        for (int i = 0; i < 1200; i++)
        {
            quarantine.Add($"{i}.png", "empty file");
        }

        quarantine.ThrowIfTooMany(12_000, 0.1);
        Assert.Equal(
            "1,200 of 10,000 files cannot be read (12%, limit 10%): see quarantine.txt; mend or remove them, or raise data.maxCorruptShare",
            Assert.Throws<UnusableDataException>(() => quarantine.ThrowIfTooMany(10_000, 0.1)).Message);
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_named()
    {
        using var folder = new TempFolder();
        string path = folder.Of("missing/quarantine.txt");

        Assert.StartsWith($"'{path}' cannot be written",
            Assert.Throws<StorageException>(() => new Quarantine().Write(path)).Message, StringComparison.Ordinal);
    }
}
