using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class AugmentationDrawTests
{
    private const int Draws = 20_000;

    [Theory]
    [InlineData(false, 1.0, 0.0)]
    [InlineData(true, 0.1, 0.2)]
    public void Invariant_21_every_operation_comes_as_often_as_the_table_says(bool second, double blur, double solarize)
    {
        var views = ImageViewOptions.Official;
        var draws = Draw(new ImageAugmentation(second ? views.TPrime : views.T, views, 32, 3), 40, 30);

        AssertRate(0.5, draws, d => d.Flip);
        AssertRate(0.8, draws, d => d.Jitter);
        AssertRate(0.2, draws, d => d.Grayscale);
        AssertRate(blur, draws, d => d.Blur);
        AssertRate(solarize, draws, d => d.Solarize);
    }

    [Fact]
    public void Invariant_21_grayscale_does_not_depend_on_the_jitter()
    {
        var draws = Draw(Official(), 40, 30);
        AssertRate(0.2, [.. draws.Where(d => d.Jitter)], d => d.Grayscale);
        AssertRate(0.2, [.. draws.Where(d => !d.Jitter)], d => d.Grayscale);
    }

    [Fact]
    public void Invariant_21_crop_area_and_aspect_stay_in_their_ranges_and_fill_them_evenly()
    {
        var draws = Draw(Official(), 40, 30);
        Assert.All(draws, d => Assert.InRange(d.CropArea, 0.08, 1));
        Assert.All(draws, d => Assert.InRange(d.CropAspect, 3.0 / 4, 4.0 / 3));
        AssertMean(0.54, 0.92 / Math.Sqrt(12), draws.Select(d => d.CropArea));
        double half = Math.Log(4.0 / 3);
        AssertMean(0, 2 * half / Math.Sqrt(12), draws.Select(d => Math.Log(d.CropAspect)));
        Assert.True(draws.Max(d => d.CropAspect) > 1.32 && draws.Min(d => d.CropAspect) < 0.76);
    }

    [Fact]
    public void Invariant_22_the_jitter_is_drawn_anew_for_every_image()
    {
        var draws = Draw(Official(), 40, 30);
        Assert.Equal(Draws, draws.Select(d => (d.Brightness, d.Contrast, d.Saturation, d.Hue)).Distinct().Count());
        Assert.Equal(24, draws.Select(d => d.JitterOrder).Distinct().Count());
        AssertRate(1 / 24.0, draws, d => d.JitterOrder == 23);
    }

    [Fact]
    public void Jitter_strengths_fill_their_ranges()
    {
        var draws = Draw(Official(), 40, 30);
        AssertRange(draws, d => d.Brightness, -0.4, 0.4);
        AssertRange(draws, d => d.Contrast, 0.6, 1.4);
        AssertRange(draws, d => d.Saturation, 0.8, 1.2);
        AssertRange(draws, d => d.Hue, -0.1, 0.1);
        AssertRange(draws, d => d.BlurSigma, 0.1, 2);
    }

    [Fact]
    public void Torchvision_brightness_is_a_factor()
    {
        var views = ImageViewOptions.Official with { Flavour = AugmentationFlavour.Torchvision };
        AssertRange(Draw(new ImageAugmentation(views.T, views, 32, 3), 40, 30), d => d.Brightness, 0.6, 1.4);
    }

    [Theory]
    [InlineData(AugmentationFlavour.Official)]
    [InlineData(AugmentationFlavour.Torchvision)]
    public void A_crop_lies_inside_the_image_whatever_its_shape(AugmentationFlavour flavour)
    {
        var views = ImageViewOptions.Official with { Flavour = flavour };
        var augmentation = new ImageAugmentation(views.T, views, 8, 3);
        foreach (var (width, height) in new[] { (1, 1), (1, 50), (50, 1), (2, 3), (400, 20), (32, 32) })
        {
            foreach (var d in Draw(augmentation, width, height, 500))
            {
                Assert.True(d.CropX >= 0 && d.CropY >= 0 && d.CropWidth >= 1 && d.CropHeight >= 1);
                Assert.True(d.CropX + d.CropWidth <= width && d.CropY + d.CropHeight <= height);
            }
        }
    }

    [Fact]
    public void Official_crops_are_the_drawn_shape_rounded_and_clamped()
    {
        foreach (var d in Draw(Official(), 40, 30))
        {
            double area = d.CropArea * 40 * 30;
            Assert.Equal(Math.Min(40, (int)Math.Round(Math.Sqrt(area * d.CropAspect))), d.CropWidth);
            Assert.Equal(Math.Min(30, (int)Math.Round(Math.Sqrt(area / d.CropAspect))), d.CropHeight);
        }
    }

    [Fact]
    public void Torchvision_rejects_crops_that_do_not_fit_and_so_has_fewer_large_ones()
    {
        var views = ImageViewOptions.Official with { Flavour = AugmentationFlavour.Torchvision };
        double rejected = Draw(new ImageAugmentation(views.T, views, 32, 3), 32, 32).Average(d => d.CropArea);
        Assert.True(rejected < 0.52, $"mean area {rejected}");
    }

    [Fact]
    public void Torchvision_falls_back_to_a_centre_crop_of_a_permitted_shape()
    {
        var views = ImageViewOptions.Official with { Flavour = AugmentationFlavour.Torchvision };
        var options = views.T with { CropAreaMin = 0.9 };
        var drawn = Draw(new ImageAugmentation(options, views, 8, 3), 100, 30, 1)[0];
        Assert.Equal((30, 0, 40, 30), (drawn.CropX, drawn.CropY, drawn.CropWidth, drawn.CropHeight));
    }

    [Fact]
    public void Changing_one_probability_leaves_all_other_draws_as_they_were()
    {
        var views = ImageViewOptions.Official;
        var changed = new ImageAugmentation(views.T with { JitterProbability = 0, FlipProbability = 1 }, views, 32, 3);
        var before = Draw(Official(), 40, 30, 200);
        var after = Draw(changed, 40, 30, 200);
        for (int i = 0; i < before.Length; i++)
        {
            Assert.Equal(before[i] with { Jitter = false, Flip = true }, after[i]);
        }
    }

    private static ImageAugmentation Official() => new(ImageViewOptions.Official.T, ImageViewOptions.Official, 32, 3);

    private static DrawnAugmentation[] Draw(ImageAugmentation augmentation, int width, int height, int count = Draws)
    {
        var draws = new DrawnAugmentation[count];
        for (int i = 0; i < count; i++)
        {
            var random = new SampleRandom(17, 0, i);
            draws[i] = augmentation.Draw(ref random, width, height);
        }

        return draws;
    }

    private static void AssertRate(double probability, DrawnAugmentation[] draws, Func<DrawnAugmentation, bool> happened)
    {
        double error = Math.Sqrt(probability * (1 - probability) / draws.Length);
        Assert.InRange(draws.Count(happened) / (double)draws.Length, probability - 3 * error, probability + 3 * error);
    }

    private static void AssertMean(double mean, double deviation, IEnumerable<double> values)
    {
        double[] all = [.. values];
        double error = deviation / Math.Sqrt(all.Length);
        Assert.InRange(all.Average(), mean - 3 * error, mean + 3 * error);
    }

    private static void AssertRange(DrawnAugmentation[] draws, Func<DrawnAugmentation, float> value, double low, double high)
    {
        Assert.All(draws, d => Assert.InRange(value(d), (float)low, (float)high));
        AssertMean((low + high) / 2, (high - low) / Math.Sqrt(12), draws.Select(d => (double)value(d)));
        Assert.InRange(draws.Min(value), low, low + 0.01 * (high - low));
        Assert.InRange(draws.Max(value), high - 0.01 * (high - low), high);
    }
}
