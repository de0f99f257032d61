using ByolSharp.Images;
using CsCheck;

namespace ByolSharp.Tests.Images;

public sealed class ImageChannelsTests
{
    [Fact]
    public void Grey_becomes_rgb_and_back_unchanged() => Gen.Byte.Array[1, 30].Sample(values =>
    {
        var grey = new Image(values.Length, 1, 1, values);
        Image back = ImageChannels.Convert(ImageChannels.Convert(grey, 3), 1);
        return back.Bytes.SequenceEqual(values);
    });

    [Fact]
    public void Alpha_is_dropped_and_luminance_weighted()
    {
        Assert.Equal([1, 2, 3, 5, 6, 7], ImageChannels.Convert(new Image(2, 1, 4, [1, 2, 3, 4, 5, 6, 7, 8]), 3).Bytes.ToArray());
        Assert.Equal([9, 7], ImageChannels.Convert(new Image(2, 1, 2, [9, 0, 7, 255]), 1).Bytes.ToArray());
        Assert.Equal([9, 9, 9], ImageChannels.Convert(new Image(1, 1, 2, [9, 0]), 3).Bytes.ToArray());
        var redGreenBlueWhite = new Image(4, 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255]);
        Assert.Equal([76, 150, 29, 255], ImageChannels.Convert(redGreenBlueWhite, 1).Bytes.ToArray());
        Assert.Equal([76], ImageChannels.Convert(new Image(1, 1, 4, [255, 0, 0, 9]), 1).Bytes.ToArray());
    }

    [Fact]
    public void Bit_depth_is_kept()
    {
        Assert.Equal([60000, 60000, 60000], ImageChannels.Convert(new Image(1, 1, 1, new ushort[] { 60000 }), 3).Words.ToArray());
        Assert.Equal(0.587f * 0.5f, ImageChannels.Convert(new Image(1, 1, 3, new[] { 0f, 0.5f, 0f }), 1).Floats[0], 6);
    }

    [Fact]
    public void The_same_count_gives_the_same_image_and_an_impossible_one_an_error()
    {
        var many = new Image(1, 1, 6, new byte[6]);

        Assert.Same(many, ImageChannels.Convert(many, 6));
        Assert.Equal("has 6 channels where 3 are wanted",
            Assert.Throws<UnreadableSampleException>(() => ImageChannels.Convert(many, 3)).Message);
        Assert.Equal("has 1 channel where 4 are wanted",
            Assert.Throws<UnreadableSampleException>(() => ImageChannels.Convert(new Image(1, 1, 1, new byte[1]), 4)).Message);
    }

    [Theory]
    [InlineData(1, "1 1 2")]
    [InlineData(3, "1 x 3")]
    [InlineData(3, "x 4")]
    [InlineData(8, "8 x 8")]
    public void Channel_count_of_a_data_set_is_found(int expected, string channels) =>
        Assert.Equal(expected, ImageChannels.Detect(Dataset(channels)));

    [Fact]
    public void A_colour_image_late_in_a_sorted_set_is_seen()
    {
        string channels = string.Join(' ', Enumerable.Range(0, 1000).Select(i => i < 900 ? "1" : "3"));

        Assert.Equal(3, ImageChannels.Detect(Dataset(channels)));
        Assert.Equal(16, Dataset(channels) is var set && ImageChannels.Detect(set) == 3 ? set.Reads : 0);
    }

    [Fact]
    public void Nothing_readable_or_unlike_channels_are_errors()
    {
        Assert.Contains("no image of the data can be read",
            Assert.Throws<UnusableDataException>(() => ImageChannels.Detect(Dataset("x x x"))).Message, StringComparison.Ordinal);
        Assert.Contains("different channels (3, 6)",
            Assert.Throws<UnusableDataException>(() => ImageChannels.Detect(Dataset("3 6"))).Message, StringComparison.Ordinal);
    }

    private static ListedImages Dataset(string channels) =>
        new([.. channels.Split(' ').Select(c => c == "x" ? null : new Image(1, 1, c[0] - '0', new byte[c[0] - '0']))]);
}
