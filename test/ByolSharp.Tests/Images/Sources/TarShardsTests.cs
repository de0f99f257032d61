using System.Formats.Tar;
using System.IO.Compression;
using ByolSharp.Images;

namespace ByolSharp.Tests.Images.Sources;

public sealed class TarShardsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Labels_come_from_cls_members_where_there_are_any(TarEntryFormat format)
    {
        string shard = WriteTar("a.tar", format,
            ("0001.png", Pictures.Png(5, 4, 3)), ("0001.cls", "2"u8.ToArray()), ("0000.cls", "0\n"u8.ToArray()),
            ("0000.png", Pictures.Png(6, 4, 3)), ("0000.json", "{}"u8.ToArray()));

        using ImageDataset data = ImageSources.Open(shard);

        Assert.Equal(["0000.png", "0001.png"], Names(data));
        Assert.Equal([0, 2], Labels(data));
        Assert.Equal([6, 5], Enumerable.Range(0, 2).Select(i => data.Read(i).Width));
    }

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    public void Labels_come_from_folders_below_the_shared_one(TarEntryFormat format)
    {
        string deep = string.Concat(Enumerable.Repeat("long/", 40));
        string shard = WriteTar("a.tar", format,
            ("./train/dog/1.jpg", Pictures.Jpeg(8, 8)), ($"./train/cat/{deep}2.jpg", Pictures.Jpeg(9, 8)), ("./train/cat/._2.jpg", [0]));

        using ImageDataset data = ImageSources.Open(shard);

        Assert.Equal([$"train/cat/{deep}2.jpg", "train/dog/1.jpg"], Names(data));
        Assert.Equal(["cat", "dog"], data.ClassNames);
        Assert.Equal([9, 8], Enumerable.Range(0, 2).Select(i => data.Read(i).Width));
    }

    [Fact]
    public void Shards_by_pattern_and_by_folder_are_joined_in_order()
    {
        WriteTar("shards-1.tar", TarEntryFormat.Ustar, ("x/0.png", Pictures.Png(4, 4, 3)));
        WriteTar("shards-0.tar", TarEntryFormat.Ustar, ("y/0.png", Pictures.Png(4, 4, 3)));
        WriteTar("other.tar", TarEntryFormat.Ustar, ("z/0.png", Pictures.Png(4, 4, 3)));

        using ImageDataset pattern = ImageSources.Open(_folder.Of("shards-*.tar")), folder = ImageSources.Open(_folder.Path);

        Assert.Equal(["shards-0.tar/y/0.png", "shards-1.tar/x/0.png"], Names(pattern));
        Assert.Equal([1, 0], Labels(pattern));
        Assert.Equal(["other.tar/z/0.png", "shards-0.tar/y/0.png", "shards-1.tar/x/0.png"], Names(folder));
    }

    [Fact]
    public void Many_threads_read_the_same_shard()
    {
        byte[][] pictures = [.. Enumerable.Range(0, 20).Select(i => Pictures.Png(10 + i, 8, 3, i))];
        string shard = WriteTar("a.tar", TarEntryFormat.Ustar, [.. pictures.Select((p, i) => ($"{i:D2}.png", p))]);
        using ImageDataset data = ImageSources.Open(shard);

        Parallel.For(0, 400, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => Assert.Equal(10 + i % 20, data.Read(i % 20).Width));
    }

    [Fact]
    public void A_shard_cut_short_keeps_what_is_whole()
    {
        string shard = WriteTar("a.tar", TarEntryFormat.Ustar, ("0.png", Pictures.Png(40, 40, 3)), ("1.png", Pictures.Png(40, 40, 3)));
        byte[] bytes = File.ReadAllBytes(shard);
        File.WriteAllBytes(shard, bytes[..(bytes.AsSpan().LastIndexOf("IDAT"u8) + 10)]);

        using ImageDataset data = ImageSources.Open(shard);

        Assert.Equal(40, data.Read(0).Width);
        Assert.Equal("truncated: 'a.tar' ends inside it", Assert.Throws<UnreadableSampleException>(() => data.Read(1)).Message);
    }

    [Fact]
    public void Compressed_and_foreign_files_are_refused()
    {
        string shard = WriteTar("a.tar", TarEntryFormat.Ustar, ("0.png", Pictures.Png(8, 8, 3)));
        using (var packed = new GZipStream(File.Create(_folder.Of("b.tar.gz")), CompressionLevel.Fastest))
        {
            packed.Write(File.ReadAllBytes(shard));
        }

        string noise = _folder.Write("c.tar", [.. Enumerable.Range(0, 3000).Select(i => (byte)(i * 7 + 1))]);
        string text = WriteTar("d.tar", TarEntryFormat.Ustar, ("readme.md", [1]));

        Assert.EndsWith("is compressed, but its members are read at their place: unpack it first (gunzip)",
            ErrorOf(_folder.Of("b.tar.gz")), StringComparison.Ordinal);
        Assert.Contains("is no tar file", ErrorOf(noise), StringComparison.Ordinal);
        Assert.StartsWith($"no images in '{text}'", ErrorOf(text), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00777777777")]
    [InlineData("01000000000")]
    public void A_header_that_promises_more_than_any_name_is_refused_before_there_is_room_for_it(string length)
    {
        string shard = WriteTar("a.tar", TarEntryFormat.Pax, ($"train/cat/{new string('x', 200)}.png", Pictures.Png(5, 4, 3)));
        byte[] bytes = File.ReadAllBytes(shard);
        Assert.Equal((byte)'x', bytes[156]); // the long name has a header of its own
        System.Text.Encoding.ASCII.GetBytes(length).CopyTo(bytes, 124);
        int sum = bytes.Take(512).Sum(b => b) - bytes.AsSpan(148, 8).ToArray().Sum(b => b) + (8 * ' ');
        System.Text.Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(bytes, 148);
        File.WriteAllBytes(shard, bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("is no tar file", ErrorOf(shard), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    private static string ErrorOf(string path) => Assert.Throws<UnusableDataException>(() => ImageSources.Open(path)).Message;

    private static IEnumerable<string> Names(ImageDataset data) => Enumerable.Range(0, data.Count).Select(data.NameOf);

    private static IEnumerable<int> Labels(ImageDataset data) => Enumerable.Range(0, data.Count).Select(data.LabelOf);

    private string WriteTar(string name, TarEntryFormat format, params (string Name, byte[] Content)[] members)
    {
        using FileStream file = File.Create(_folder.Of(name));
        using var writer = new TarWriter(file, format);
        foreach ((string member, byte[] content) in members)
        {
            TarEntry entry = format switch
            {
                TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, member),
                TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, member),
                _ => new UstarTarEntry(TarEntryType.RegularFile, member),
            };
            entry.DataStream = new MemoryStream(content);
            writer.WriteEntry(entry);
        }

        return file.Name;
    }
}
