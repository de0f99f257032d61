using System.Numerics;
using ByolSharp.Images;
using ByolSharp.Images.Scanning;
using NetVips;
using Image = ByolSharp.Images.Image;

namespace ByolSharp.Tests.Images.Scanning;

public sealed class PerceptualHashTests
{
    [Fact]
    public void Resizing_recompressing_and_brightening_a_photo_keep_its_look()
    {
        string[] files = Directory.GetFiles(TestData.Find("photos"), "*.jpg", SearchOption.AllDirectories);
        string file = files.Order(StringComparer.Ordinal).First();
        using NetVips.Image photo = NetVips.Image.NewFromFile(file);
        byte[][] variants =
        [
            photo.Resize(0.4).JpegsaveBuffer(q: 80),
            photo.JpegsaveBuffer(q: 30),
            (photo * 0.9 + 10).Cast(Enums.BandFormat.Uchar).PngsaveBuffer(),
            (photo * 257).Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16).PngsaveBuffer(),
        ];

        (ulong hash, byte[] grid) = Look(ImageDecoder.Default.DecodeFile(file));
        Assert.All(variants, variant =>
        {
            (ulong other, byte[] otherGrid) = Look(ImageDecoder.Default.Decode(variant));
            Assert.InRange(BitOperations.PopCount(hash ^ other), 0, 4);
            Assert.InRange(PerceptualHash.Correlation(grid, otherGrid), 0.98, 1);
        });
    }

    [Fact]
    public void Bits_say_where_it_gets_darker()
    {
        byte[] falling = [.. Enumerable.Range(0, 72).Select(i => (byte)(200 - i % 9 * 20))];
        byte[] rising = [.. falling.Select(b => (byte)(255 - b))];

        Assert.Equal(ulong.MaxValue, Look(new Image(9, 8, 1, falling)).Hash);
        Assert.Equal(0UL, Look(new Image(9, 8, 1, rising)).Hash);
        Assert.Equal(-1, PerceptualHash.Correlation(Look(new Image(9, 8, 1, falling)).Grid, Look(new Image(9, 8, 1, rising)).Grid), 4);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 100)]
    [InlineData(10, 2)]
    public void Images_smaller_than_the_grid_have_a_hash(int width, int height)
    {
        (_, byte[] grid) = Look(Pictures.Make(width, height, 4));

        Assert.Equal(width * height > 1 ? 255 : 0, grid.Max());
    }

    private static (ulong Hash, byte[] Grid) Look(Image image)
    {
        var grid = new byte[PerceptualHash.GridLength];
        return (PerceptualHash.Of(image, grid), grid);
    }
}
