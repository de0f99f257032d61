using ByolSharp.Images;
using ByolSharp.Sources;

namespace ByolSharp.Tests.Images;

public sealed class ReadableImagesTests
{
    [Fact]
    public void An_unreadable_sample_is_replaced_by_the_next_of_its_label()
    {
        ImageDataset data = Wrap("r.r..r", [0, 1, 1, 0, 1, 0], out Quarantine quarantine);

        Assert.Equal([0, 2, 2, 5, 2, 5], Enumerable.Range(0, 6).Select(i => Shown(data, i)));
        Assert.Equal([("0001.png", "planted"), ("0003.png", "planted"), ("0004.png", "planted")], quarantine.Entries);
    }

    [Fact]
    public void A_class_without_a_readable_sample_borrows_from_another() =>
        Assert.Equal(2, Shown(Wrap("r.r", [0, 1, 0], out _), 1));

    [Fact]
    public void The_search_goes_round_the_end() => Assert.Equal(0, Shown(Wrap("rr..", [0, 0, 0, 0], out _), 2));

    [Fact]
    public void Nothing_readable_is_an_error() =>
        Assert.StartsWith("none of the 3 images can be used",
            Assert.Throws<UnusableDataException>(() => Wrap("...", [0, 1, 0], out _).Read(1)).Message, StringComparison.Ordinal);

    [Fact]
    public void Threads_and_order_of_calls_change_nothing()
    {
        var random = new SampleRandom(1);
        string readable = string.Concat(Enumerable.Range(0, 500).Select(_ => random.NextBool(0.6) ? 'r' : '.'));
        int[] labels = [.. Enumerable.Range(0, 500).Select(_ => random.NextInt(4))];
        ImageDataset forward = Wrap(readable, labels, out Quarantine first);
        int[] expected = [.. Enumerable.Range(0, 500).Select(i => Shown(forward, i))];

        ImageDataset parallel = Wrap(readable, labels, out Quarantine second);
        var shown = new int[500];
        Parallel.For(0, 500, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => shown[499 - i] = Shown(parallel, 499 - i));

        Assert.Equal(expected, shown);
        Assert.Equal(first.Entries, second.Entries);
    }

    [Fact]
    public void Channels_are_brought_to_one_count_and_what_has_others_is_quarantined()
    {
        var quarantine = new Quarantine();
        Image[] images = [Plain(7), Plain(0, 0, 0, 0, 0, 0), Plain(1, 2, 3, 4)];
        using var data = new ReadableImages(new ListedImages(images), 3, quarantine);

        Assert.Equal([7, 7, 7], data.Read(0).Bytes[..3].ToArray());
        Assert.Equal([1, 2, 3], data.Read(1).Bytes[..3].ToArray());
        Assert.Equal([("0001.png", "has 6 channels where 3 are wanted")], quarantine.Entries);
    }

    [Fact]
    public void Images_too_small_to_crop_are_quarantined_with_their_size()
    {
        var quarantine = new Quarantine();
        using var data = new ReadableImages(new ListedImages([new(3, 9, 3, new byte[81]), Plain(1, 2, 3)]), 3, quarantine);

        Assert.Equal(1, data.Read(0).Bytes[0]);
        Assert.Contains("3x9 pixels", quarantine.Entries.Single().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_classes_cost_a_round_and_not_a_round_for_each_of_their_samples()
    {
        const int count = 20_000, missing = count / 2;
        Image image = Plain(1, 2, 3);
        var source = new ListedImages(
            [.. Enumerable.Range(0, count).Select(i => i < missing ? null : image)], [.. Enumerable.Range(0, count).Select(i => i / (missing / 2))]);
        using var data = new ReadableImages(source, 3, new Quarantine());

        for (int i = 0; i < 2 * missing; i++)
        {
            Assert.Equal(3, data.Read(i % missing).Channels);
        }

        Assert.Equal(missing + 2 * missing, source.Reads);
        Assert.InRange(source.LabelLookups, count, 2 * count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(60)]
    public void The_one_that_stands_in_is_the_first_of_its_label_else_the_first_of_all_in_any_order_of_calls(int count)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new SampleRandom(seed, count);
            double share = random.NextDouble();
            int kinds = 1 + random.NextInt(6);
            string readable = string.Concat(Enumerable.Range(0, count).Select(i => i == 0 || random.NextBool(share) ? 'r' : '.'));
            int[] labels = [.. Enumerable.Range(0, count).Select(_ => random.NextInt(kinds))];
            int[] order = [.. Enumerable.Range(0, count)];
            random.Shuffle<int>(order);
            ImageDataset data = Wrap(readable, labels, out _);

            Assert.All(order, i =>
            {
                int[] round = [.. Enumerable.Range(0, count).Select(step => (i + step) % count).Where(c => readable[c] == 'r')];
                Assert.Equal(readable[i] == 'r' ? i : round.FirstOrDefault(c => labels[c] == labels[i], round[0]), Shown(data, i));
            });
        }
    }

    /// <summary>An image of the smallest size, every pixel of it the same.</summary>
    private static Image Plain(params byte[] pixel)
    {
        const int side = ReadableImages.SmallestSide;
        return new(side, side, pixel.Length, [.. Enumerable.Repeat(pixel, side * side).SelectMany(p => p)]);
    }

    private static ReadableImages Wrap(string readable, int[] labels, out Quarantine quarantine)
    {
        Image?[] images = [.. readable.Select((c, i) => c == 'r' ? Plain((byte)i, (byte)(i >> 8), 0) : null)];
        return new ReadableImages(new ListedImages(images, labels), 3, quarantine = new Quarantine());
    }

    private static int Shown(ImageDataset data, int index) => data.Read(index).Bytes[0] + 256 * data.Read(index).Bytes[1];
}
