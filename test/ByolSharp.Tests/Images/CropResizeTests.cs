using ByolSharp.Images;
using static ByolSharp.Tests.Images.TestViews;

namespace ByolSharp.Tests.Images;

public sealed class CropResizeTests
{
    private const AugmentationFlavour Official = AugmentationFlavour.Official, Torchvision = AugmentationFlavour.Torchvision;

    [Fact]
    public void Bicubic_enlarges_with_Keys_kernel_and_renormalised_borders()
    {
        // Two to four: k(0.25) = 0.8671875, k(0.75) = 0.2265625, k(1.25) = -0.0703125.
        double outer = -0.0703125 / 0.796875, inner = 0.2265625 / 1.09375;
        double[] row = [0.25 + 0.5 * outer, 0.25 + 0.5 * inner, 0.75 - 0.5 * inner, 0.75 - 0.5 * outer];
        var view = Apply(FromPlanes([0.25f, 0.75f, 0.25f, 0.75f]), Nothing(2, 2), 4);
        AssertClose([.. row, .. row, .. row, .. row], view);
    }

    [Fact]
    public void Bicubic_overshoot_is_clipped()
    {
        var view = Apply(FromPlanes([0, 1, 0, 1]), Nothing(2, 2), 4);
        Assert.Equal(0, view[0]);
        Assert.Equal(1, view[3]);
    }

    [Fact]
    public void Shrinking_averages_the_whole_footprint_in_the_torchvision_flavour_alone()
    {
        // Four to two, linear: antialiased weights 3/7 3/7 1/7 0; without antialiasing 1/2 1/2 0 0.
        var image = FromPlanes([.. Enumerable.Range(0, 16).Select(i => new[] { 0, 1, 0.5f, 0.25f }[i % 4])]);
        double left = 3 / 7.0 + 0.5 / 7, right = 1 / 7.0 + 3 * 0.5 / 7 + 3 * 0.25 / 7;
        AssertClose([left, right, left, right], Apply(image, Nothing(4, 4), 2, Torchvision, Interpolation.Bilinear));
        AssertClose([0.5, 0.375, 0.5, 0.375], Apply(image, Nothing(4, 4), 2, Official, Interpolation.Bilinear));
    }

    [Theory]
    [InlineData(Official)]
    [InlineData(Torchvision)]
    public void A_crop_of_the_size_of_the_view_is_copied_exactly(AugmentationFlavour flavour)
    {
        var image = GradientImages.Make(0, 20, 15, 3);
        var view = Apply(image, new() { CropX = 7, CropY = 3, CropWidth = 9, CropHeight = 9 }, 9, flavour);
        for (int i = 0; i < view.Length; i++)
        {
            var (c, y, x) = (i / 81, i / 9 % 9, i % 9);
            Assert.Equal(image.Bytes[((3 + y) * 20 + 7 + x) * 3 + c] / 255f, view[i], 1e-7f);
        }
    }

    [Fact]
    public void A_flip_mirrors_the_view_to_the_last_bit()
    {
        var image = GradientImages.Make(0, 40, 30, 3);
        var drawn = new DrawnAugmentation { CropX = 3, CropY = 4, CropWidth = 29, CropHeight = 21 };
        var view = Apply(image, drawn, 16);
        var flipped = Apply(image, drawn with { Flip = true }, 16);
        for (int row = 0; row < 3 * 16; row++)
        {
            Assert.Equal(view.AsSpan(row * 16, 16).ToArray().Reverse(), flipped.AsSpan(row * 16, 16).ToArray());
        }
    }

    [Fact]
    public void A_crop_sees_nothing_of_the_image_around_it()
    {
        var pixels = new float[20 * 20];
        Array.Fill(pixels, 0.25f);
        for (int i = 0; i < 100; i++)
        {
            pixels[(5 + i / 10) * 20 + 5 + i % 10] = 0.75f;
        }

        var view = Apply(FromPlanes(pixels), new() { CropX = 5, CropY = 5, CropWidth = 10, CropHeight = 10 }, 16);
        Assert.All(view, v => Assert.Equal(0.75f, v, 1e-6f));
    }

    [Fact]
    public void Pixel_formats_mean_the_same()
    {
        byte[] bytes = GradientImages.Make(0, 37, 23, 3).Bytes.ToArray();
        var words = Array.ConvertAll(bytes, b => (ushort)(b * 257));
        var floats = Array.ConvertAll(bytes, b => b / 255f);
        var drawn = new DrawnAugmentation { CropX = 1, CropY = 2, CropWidth = 30, CropHeight = 20 };
        var view = Apply(new(37, 23, 3, bytes), drawn, 16);
        AssertClose([.. view], Apply(new(37, 23, 3, words), drawn, 16), 1e-6);
        AssertClose([.. view], Apply(new(37, 23, 3, floats), drawn, 16), 1e-6);
    }

    [Fact]
    public void Values_that_are_no_numbers_or_out_of_range_stay_where_they_are_and_become_0_or_1()
    {
        var view = Apply(FromPlanes([float.NaN, float.PositiveInfinity, -5, 0.5f]), Nothing(2, 2), 2);
        Assert.Equal([0, 1, 0, 0.5f], view);
    }
}
