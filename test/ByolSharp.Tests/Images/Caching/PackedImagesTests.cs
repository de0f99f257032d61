using ByolSharp.Images;
using ByolSharp.Images.Caching;

namespace ByolSharp.Tests.Images.Caching;

public sealed class PackedImagesTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private readonly TempFolder _folder = new();

    private string Cache => _folder.Of("cache");

    [Fact]
    public void Every_format_and_shape_comes_back_bit_for_bit_and_is_decoded_once()
    {
        Image[] images = [.. Shapes()];
        var source = Listed(images);
        for (int run = 0; run < 2; run++)
        {
            Use(source, data => Assert.All(Enumerable.Range(0, images.Length), i =>
            {
                Assert.True(Same(images[i], data.Read(i)));
                Assert.True(Same(images[i], data.Read(i)));
            }));
        }

        Assert.Equal(images.Length, source.Reads);
    }

    [Fact]
    public void Many_threads_fill_it_and_every_image_is_written_once()
    {
        var source = Listed(Small(200));
        Use(source, data => Parallel.For(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => Assert.True(Same(Small(200)[i % 200], data.Read(i % 200)))));
        int reads = source.Reads;
        long length = PackLength();

        Use(source, data => ReadAll(data));

        Assert.Equal(reads, source.Reads);
        Assert.Equal(16 + 200 * (40 + 48), length);
        Assert.Equal(length, PackLength());
    }

    [Fact]
    public void At_the_limit_it_stops_growing_says_so_once_and_the_rest_is_decoded_each_time()
    {
        var source = Listed([.. Enumerable.Range(0, 8).Select(i => new Image(512, 512, 1, [.. Enumerable.Repeat((byte)i, 512 * 512)]))]);
        string[] messages = Use(source, data => { ReadAll(data); ReadAll(data); }, maxBytes: Mebibyte);

        Assert.Equal(8 + 5, source.Reads);
        Assert.Contains("is full (1 MiB)", Assert.Single(messages), StringComparison.Ordinal);
        Assert.InRange(Directory.GetFiles(Cache).Sum(f => new FileInfo(f).Length), 3 * 512 * 512, Mebibyte);
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_noticed_said_in_one_line_and_mended()
    {
        Fill(3);
        byte[] pack = File.ReadAllBytes(Pack()), index = File.ReadAllBytes(Index());
        foreach (var (file, content) in new[] { (Pack(), pack), (Index(), index) })
        {
            for (int i = 0; i < content.Length; i++)
            {
                byte[] damaged = [.. content];
                damaged[i] ^= (byte)(1 << (i % 8));
                Restore(pack, index);
                File.WriteAllBytes(file, damaged);
                AssertMended($"{Path.GetFileName(file)} byte {i}");
            }
        }
    }

    [Fact]
    public void A_file_cut_anywhere_is_noticed_and_mended()
    {
        Fill(3);
        byte[] pack = File.ReadAllBytes(Pack()), index = File.ReadAllBytes(Index());
        for (int length = 0; length < pack.Length; length++)
        {
            Restore(pack[..length], index);
            AssertMended($"pack of {length} bytes");
        }

        for (int length = 0; length < index.Length; length++)
        {
            Restore(pack, index[..length]);
            AssertRight($"index of {length} bytes");
        }
    }

    [Fact]
    public void A_pack_that_is_cut_while_it_is_read_kills_nothing()
    {
        Fill(100);
        var source = Listed(Small(100));
        Use(source, data =>
        {
            data.Read(0);
            File.WriteAllBytes(Pack(), []);
            ReadAll(data);
        });

        Assert.InRange(source.Reads, 99, 100);
    }

    [Fact]
    public void Entries_that_point_to_each_others_records_give_no_wrong_image()
    {
        Fill(2);
        byte[] index = File.ReadAllBytes(Index());
        Fill(2, cache: _folder.Of("reversed"), reverse: true);
        File.Copy(Directory.GetFiles(_folder.Of("reversed"), "*.index").Single(), Index(), overwrite: true);

        Assert.NotEqual(index, File.ReadAllBytes(Index()));
        AssertMended("swapped entries");
    }

    [Theory]
    [InlineData("BYOLPACK\u0002\0\0\0\0\0\0\0 of a later day")]
    [InlineData("no pack at all")]
    public void A_file_of_another_version_or_program_is_replaced(string content)
    {
        Fill(3);
        File.WriteAllText(Pack(), content);

        AssertMended(content);
        Assert.Single(Directory.GetFiles(Cache, "*.pack"));
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("index")]
    public void A_pack_or_an_index_alone_is_replaced(string missing)
    {
        Fill(3);
        File.Delete(Directory.GetFiles(Cache, $"*.{missing}").Single());

        AssertRight($"no {missing}");
        Assert.Single(Directory.GetFiles(Cache, "*.pack"));
    }

    [Fact]
    public void A_record_and_an_entry_that_a_killed_process_left_unfinished_cost_only_themselves()
    {
        Fill(3);
        File.AppendAllText(Pack(), "half a record");
        File.AppendAllText(Index(), "half an entry");
        var source = Listed(Small(5));

        Assert.Empty(Use(source, data => ReadAll(data)));
        Assert.Equal(2, source.Reads);
        Assert.Empty(Use(source, data => ReadAll(data)));
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public void Of_two_at_once_one_fills_it_and_the_other_reads_what_is_there()
    {
        Fill(3);
        ListedImages first = Listed(Small(6)), second = Listed(Small(6));
        string[] seconds = [];
        string[] firsts = Use(first, one =>
        {
            one.Read(3);
            seconds = Use(second, two => Parallel.Invoke(() => ReadAll(one), () => ReadAll(two)));
        });

        Assert.Empty(firsts);
        Assert.Contains("another run is filling it", Assert.Single(seconds), StringComparison.Ordinal);
        Assert.Equal(3, first.Reads);
        Assert.InRange(second.Reads, 2, 3); // the first image of the other run may have been there when it opened
        AssertRight("both at once");
    }

    [Fact]
    public void Another_source_shares_the_folder_and_never_the_images()
    {
        Fill(3);
        var other = new ListedImages([.. Small(6)[3..]]) { Identity = "other" };

        Use(other, data => Assert.All(Enumerable.Range(0, 3), i => Assert.Equal(3 + i, data.Read(i).Bytes[0])));

        Assert.Equal(3, other.Reads);
    }

    [Fact]
    public void What_is_unreadable_or_unidentified_is_tried_each_time()
    {
        var unreadable = Listed([null]);
        var unknown = new ListedImages(Small(1));
        for (int i = 0; i < 2; i++)
        {
            Use(unreadable, data => Assert.Throws<UnreadableSampleException>(() => data.Read(0)));
            Use(unknown, data => data.Read(0));
        }

        Assert.Equal((2, 2), (unreadable.Reads, unknown.Reads));
        Assert.Empty(Directory.GetFiles(Cache, "*.pack"));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_before_anything_begins()
    {
        string below = Path.Combine(_folder.Write("file", "no folder"), "cache");

        Assert.Contains(below, Assert.Throws<ConfigurationException>(() => ImageCacheFolder.Open(below, Mebibyte)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Images of 1 to 7 channels, odd sides and all formats.</summary>
    private static IEnumerable<Image> Shapes()
    {
        var random = new SampleRandom(1);
        for (int channels = 1; channels <= 7; channels++)
        {
            int width = 1 + random.NextInt(40), height = 1 + random.NextInt(40), count = width * height * channels;
            float[] noise = [.. Enumerable.Range(0, count).Select(_ => (float)random.NextNormal())];
            yield return new(width, height, channels, Array.ConvertAll(noise, n => (byte)(50 * n)));
            yield return new(width, height, channels, Array.ConvertAll(noise, n => (ushort)(9999 * n)));
            yield return new(width, height, channels, noise);
        }

        yield return new(1, 3, 1, [float.NaN, float.NegativeInfinity, -0f]);
        yield return new(2000, 1500, 3, new byte[9_000_000]);
    }

    private static Image[] Small(int count) => [.. Enumerable.Range(0, count).Select(i => new Image(4, 4, 3, [.. Enumerable.Repeat((byte)i, 48)]))];

    private static ListedImages Listed(Image?[] images) => new(images) { Identity = "test" };

    private static bool Same(Image a, Image b) =>
        (a.Width, a.Height, a.Channels, a.Format) == (b.Width, b.Height, b.Channels, b.Format) && a.Raw.SequenceEqual(b.Raw);

    private static void ReadAll(ImageDataset data)
    {
        for (int i = 0; i < data.Count; i++)
        {
            data.Read(i);
        }
    }

    /// <summary>Opens the cache, does something with the data seen through it, and gives what it said.</summary>
    private string[] Use(ImageDataset source, Action<ImageDataset> action, long maxBytes = 1000 * Mebibyte, string? cache = null)
    {
        using var folder = ImageCacheFolder.Open(cache ?? Cache, maxBytes);
        action(new PackedImages(source, folder));
        var messages = new List<string>();
        folder.PassMessages(messages.Add);
        return [.. messages];
    }

    private void Fill(int count, string? cache = null, bool reverse = false) =>
        Use(Listed(Small(count)), data => Array.ForEach([.. reverse ? Enumerable.Range(0, count).Reverse() : Enumerable.Range(0, count)], i => data.Read(i)), cache: cache);

    private void Restore(byte[] pack, byte[] index)
    {
        Directory.Delete(Cache, recursive: true);
        _folder.Write("cache/byol-images-0000.pack", pack);
        _folder.Write("cache/byol-images-0000.index", index);
    }

    private void AssertMended(string what)
    {
        string[] messages = AssertRight(what);
        Assert.True(messages.Length == 1 && messages[0].Contains("decoded again", StringComparison.Ordinal), $"{what}: {string.Join(" / ", messages)}");
    }

    /// <summary>All images are right, at least one had to be decoded, and the next run has them all.</summary>
    private string[] AssertRight(string what)
    {
        ListedImages source = Listed(Small(3)), again = Listed(Small(3));
        string[] messages = Use(source, data => Assert.All(Enumerable.Range(0, 3), i => Assert.True(Same(Small(3)[i], data.Read(i)), what)));
        Use(again, ReadAll);
        Assert.True(again.Reads == 0, $"{what}: {again.Reads} decoded again in the next run");
        return messages;
    }

    private string Pack() => Directory.GetFiles(Cache, "*.pack").Single();

    private string Index() => Directory.GetFiles(Cache, "*.index").Single();

    private long PackLength() => new FileInfo(Pack()).Length;
}
