using ByolSharp.Images;
using static ByolSharp.Tests.Images.TestViews;

namespace ByolSharp.Tests.Images;

/// <summary>Numbers worked out by hand, one operation at a time.</summary>
public sealed class AugmentationGoldenTests
{
    private const AugmentationFlavour Official = AugmentationFlavour.Official, Torchvision = AugmentationFlavour.Torchvision;

    [Fact]
    public void Official_brightness_is_added_and_clipped()
    {
        var view = Apply(FromPlanes([0, 0.3f, 0.5f, 0.9f]), Jitter(2, Official) with { Brightness = 0.2f }, 2);
        AssertClose([0.2, 0.5, 0.7, 1], view);
    }

    [Fact]
    public void Torchvision_brightness_is_multiplied_and_clipped()
    {
        var view = Apply(FromPlanes([0, 0.3f, 0.5f, 0.9f]), Jitter(2, Torchvision) with { Brightness = 1.4f }, 2, Torchvision);
        AssertClose([0, 0.42, 0.7, 1], view);
    }

    [Fact]
    public void Official_contrast_stretches_each_channel_about_its_own_mean()
    {
        var image = FromPlanes([0.2f, 0.4f, 0.6f, 0.8f], [0.3f, 0.3f, 0.3f, 0.3f], [0, 0, 1, 1]);
        var view = Apply(image, Jitter(2, Official) with { Contrast = 1.4f }, 2);
        AssertClose([0.08, 0.36, 0.64, 0.92, 0.3, 0.3, 0.3, 0.3, 0, 0, 1, 1], view);
    }

    [Fact]
    public void Torchvision_contrast_stretches_all_channels_about_the_grey_mean()
    {
        // Grey mean 0.2989 * 0.5 + 0.5870 * 0.25 + 0.1140 * 0.75 = 0.3817; halving the distance gives x / 2 + 0.19085.
        var image = FromPlanes([0.4f, 0.6f, 0.4f, 0.6f], [0.25f, 0.25f, 0.25f, 0.25f], [0.5f, 1, 0.5f, 1]);
        var view = Apply(image, Jitter(2, Torchvision) with { Contrast = 0.5f }, 2, Torchvision);
        double m = 0.19085, g = 0.125 + m;
        AssertClose([0.2 + m, 0.3 + m, 0.2 + m, 0.3 + m, g, g, g, g, 0.25 + m, 0.5 + m, 0.25 + m, 0.5 + m], view);
    }

    [Theory]
    [InlineData(0.8, 0.4, 0.2, 0.8, 0.8, 0.48, 0.32)]
    [InlineData(0.8, 0.4, 0.2, 1.2, 0.8, 0.32, 0.08)]
    [InlineData(0.8, 0.1, 0.05, 1.2, 0.8, 0.8 - 0.7 / 0.9375, 0)] // S = 0.9375 * 1.2 is clipped to 1
    [InlineData(0.5, 0.5, 0.5, 1.2, 0.5, 0.5, 0.5)]
    [InlineData(0, 0, 0, 1.2, 0, 0, 0)]
    public void Official_saturation_scales_S_of_HSV(double r, double g, double b, double factor, double toR, double toG, double toB)
    {
        var view = Apply(Pixel((float)r, (float)g, (float)b), Jitter(1, Official) with { Saturation = (float)factor }, 1);
        AssertClose([toR, toG, toB], view);
    }

    [Fact]
    public void Torchvision_saturation_scales_the_distance_from_grey()
    {
        // Grey of the pixel: 0.2989 * 0.8 + 0.5870 * 0.4 + 0.1140 * 0.2 = 0.49672.
        var view = Apply(Pixel(0.8f, 0.4f, 0.2f), Jitter(1, Torchvision) with { Saturation = 0.5f }, 1, Torchvision);
        AssertClose([0.64836, 0.44836, 0.34836], view);
    }

    [Theory]
    [InlineData(1, 0, 0, 1 / 3.0, 0, 1, 0)]
    [InlineData(0, 1, 0, 1 / 3.0, 0, 0, 1)]
    [InlineData(0, 0, 1, 1 / 3.0, 1, 0, 0)]
    [InlineData(1, 0, 0, 0.1, 1, 0.6, 0)]
    [InlineData(1, 0, 0, -0.1, 1, 0, 0.6)]
    [InlineData(0.8, 0.4, 0.2, 0.5, 0.2, 0.6, 0.8)]
    [InlineData(0.3, 0.3, 0.3, 0.1, 0.3, 0.3, 0.3)]
    public void Hue_turns_the_colour_circle(double r, double g, double b, double turns, double toR, double toG, double toB)
    {
        foreach (var flavour in new[] { Official, Torchvision })
        {
            var view = Apply(Pixel((float)r, (float)g, (float)b), Jitter(1, flavour) with { Hue = (float)turns }, 1, flavour);
            AssertClose([toR, toG, toB], view);
        }
    }

    [Fact]
    public void Invariant_21_a_hue_shift_of_nothing_changes_nothing()
    {
        var image = GradientImages.Make(3, 16, 16, 3);
        AssertClose([.. Apply(image, Nothing(16, 16), 16).Select(v => (double)v)], Apply(image, Jitter(16, Official), 16), 1e-6);
    }

    [Fact]
    public void Invariant_21_grayscale_makes_the_channels_equal_with_the_weights_of_the_reference()
    {
        var view = Apply(Pixel(1, 0.5f, 0.25f), Nothing(1, 1) with { Grayscale = true }, 1);
        AssertClose([0.6209, 0.6209, 0.6209], view);
    }

    [Fact]
    public void Jitter_operations_run_in_the_drawn_order_and_clip_between()
    {
        // Order 0 brightens first: 0.8 + 0.4 is clipped to 1, then both values contract to their mean. Order 6 contracts first.
        var image = FromPlanes([0.8f, 0.4f, 0.8f, 0.4f]);
        var drawn = Jitter(2, Official) with { Brightness = 0.4f, Contrast = 0.5f };
        AssertClose([0.95, 0.85, 0.95, 0.85], Apply(image, drawn, 2));
        AssertClose([1, 0.9, 1, 0.9], Apply(image, drawn with { JitterOrder = 6 }, 2));
    }

    [Fact]
    public void Jitter_values_are_ignored_unless_the_jitter_was_drawn()
    {
        var image = Pixel(0.8f, 0.4f, 0.2f);
        AssertClose([0.8, 0.4, 0.2], Apply(image, Nothing(1, 1) with { Brightness = 0.4f, Contrast = 0.5f, Hue = 0.1f }, 1));
    }

    [Fact]
    public void Blur_spreads_a_point_with_the_weights_of_the_Gaussian()
    {
        // Three taps at 32 pixels; sigma 1: exp(-1/2) = 0.60653, so 0.45186 in the middle and 0.27407 beside it.
        var plane = new float[32 * 32];
        plane[10 * 32 + 20] = 1;
        var view = Apply(FromPlanes(plane), Nothing(32, 32) with { Blur = true, BlurSigma = 1 }, 32);

        var expected = new double[32 * 32];
        double[] weights = [0.27406862, 0.45186276, 0.27406862];
        for (int i = 0; i < 9; i++)
        {
            expected[(9 + i / 3) * 32 + 19 + i % 3] = weights[i / 3] * weights[i % 3];
        }

        AssertClose(expected, view, 1e-6);
    }

    [Fact]
    public void Invariant_21_blur_keeps_a_constant_image_away_from_the_border()
    {
        int size = 96, radius = 4;
        var view = Apply(Constant(size, 0.6f), Nothing(size, size) with { Blur = true, BlurSigma = 2 }, size);
        for (int i = 0; i < view.Length; i++)
        {
            int x = i % size, y = i / size;
            bool inner = Math.Min(x, y) >= radius && Math.Max(x, y) < size - radius;
            Assert.True(inner ? Math.Abs(view[i] - 0.6) < 1e-6 : view[i] < 0.6 - 1e-3, $"({x}, {y}) is {view[i]}");
        }
    }

    [Fact]
    public void Official_blur_sees_zeros_beyond_the_border()
    {
        var view = Apply(Constant(32, 1), Nothing(32, 32) with { Blur = true, BlurSigma = 1 }, 32);
        Assert.Equal(0.72593138 * 0.72593138, view[0], 1e-5);
        Assert.Equal(0.72593138, view[5], 1e-5);
        Assert.Equal(1, view[5 * 32 + 5], 1e-6);
    }

    [Fact]
    public void Torchvision_blur_sees_the_mirrored_image_beyond_the_border()
    {
        var drawn = Nothing(32, 32) with { Blur = true, BlurSigma = 1 };
        Assert.All(Apply(Constant(32, 0.6f), drawn, 32, Torchvision), v => Assert.Equal(0.6, v, 1e-6));

        // A ramp of columns 0, 1/31, ...: at the border both neighbours are column 1.
        var ramp = FromPlanes([.. Enumerable.Range(0, 32 * 32).Select(i => i % 32 / 31f)]);
        Assert.Equal(2 * 0.27406862 / 31, Apply(ramp, drawn, 32, Torchvision)[0], 1e-6);
    }

    [Fact]
    public void Blur_does_nothing_where_the_kernel_has_one_tap()
    {
        var view = Apply(FromPlanes([0, 1, 0.5f, 0.25f]), Nothing(2, 2) with { Blur = true, BlurSigma = 2 }, 2);
        AssertClose([0, 1, 0.5, 0.25], view);
    }

    [Fact]
    public void Solarize_inverts_from_the_threshold_upwards()
    {
        var view = Apply(FromPlanes([0.4f, 0.5f, 0.625f, 0.9f]), Nothing(2, 2) with { Solarize = true }, 2);
        AssertClose([0.4, 0.5, 0.375, 0.1], view);
        var high = Apply(
            FromPlanes([0.4f, 0.5f, 0.625f, 0.9f]), Nothing(2, 2) with { Solarize = true }, 2, options: new() { SolarizeThreshold = 0.75 });
        AssertClose([0.4, 0.5, 0.625, 0.1], high);
    }

    [Fact]
    public void Invariant_21_solarizing_inverts_the_bright_half_and_never_leaves_the_dark_half()
    {
        var image = GradientImages.Make(1, 16, 16, 3);
        var plain = Apply(image, Nothing(16, 16), 16);
        var once = Apply(image, Nothing(16, 16) with { Solarize = true }, 16);
        Assert.Contains(plain, v => v > 0.6f);
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i] < 0.5f ? plain[i] : 1 - plain[i], once[i], 1e-6);
            Assert.Equal(once[i] < 0.5f ? once[i] : 1 - once[i], once[i], 1e-6); // twice is once
        }
    }

    [Fact]
    public void Normalising_subtracts_the_mean_and_divides_by_the_deviation()
    {
        var augmentation = new ImageAugmentation(new(), ImageViewOptions.Official, 1, 3);
        var view = new float[3];
        augmentation.Apply(Pixel(0.485f, 0.68f, 0.181f), Nothing(1, 1), view);
        AssertClose([0, 1, -1], view);
    }

    private static Image Constant(int size, float value) => FromPlanes([.. Enumerable.Repeat(value, size * size)]);
}
