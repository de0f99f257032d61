using System.Text.Json;
using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

public sealed class AugmentationOptionsTests
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    [Fact]
    public void Presets_differ_from_each_other_as_the_paper_and_the_small_image_recipes_say()
    {
        static (double, double) BlurAndSolarize(AugmentationOptions o) => (o.BlurProbability, o.SolarizeProbability);

        Assert.Equal((1, 0), BlurAndSolarize(ImageViewOptions.Official.T));
        Assert.Equal((0.1, 0.2), BlurAndSolarize(ImageViewOptions.Official.TPrime));
        Assert.Equal((0.5, 0.2), BlurAndSolarize(ImageViewOptions.Symmetric.T));
        Assert.Equal(ImageViewOptions.Symmetric.T, ImageViewOptions.Symmetric.TPrime);
        Assert.Equal((0, 0), BlurAndSolarize(ImageViewOptions.Cifar.T));
        Assert.Equal((0, 0.2), BlurAndSolarize(ImageViewOptions.Cifar.TPrime));
        Assert.Equal(
            ImageViewOptions.Official.T,
            ImageViewOptions.Official.TPrime with { BlurProbability = 1, SolarizeProbability = 0 });
    }

    [Fact]
    public void Presets_are_valid()
    {
        foreach (var views in new[] { ImageViewOptions.Official, ImageViewOptions.Symmetric, ImageViewOptions.Cifar })
        {
            views.Validate(channels: 3);
        }

        AugmentationOptions.CropAndFlip.Validate("views.t");
    }

    [Theory]
    [InlineData(224, 23)]
    [InlineData(128, 13)]
    [InlineData(96, 9)]
    [InlineData(32, 3)]
    [InlineData(20, 3)]
    [InlineData(19, 1)]
    public void Blur_kernel_has_the_official_number_of_taps(int imageSize, int taps) =>
        Assert.Equal(taps, 2 * new AugmentationOptions().BlurRadius(imageSize) + 1);

    public static TheoryData<string, AugmentationOptions> Invalid => new()
    {
        { "views.t.cropAreaMin = 0 ", new() { CropAreaMin = 0 } },
        { "views.t.cropAreaMax = 1.1 ", new() { CropAreaMax = 1.1 } },
        { "views.t.cropAreaMin = 0.6 is above views.t.cropAreaMax = 0.5", new() { CropAreaMin = 0.6, CropAreaMax = 0.5 } },
        { "views.t.cropAspectMin = -1 ", new() { CropAspectMin = -1 } },
        { "views.t.cropAspectMax = Infinity ", new() { CropAspectMax = double.PositiveInfinity } },
        { "views.t.cropAspectMin = 2 is above views.t.cropAspectMax", new() { CropAspectMin = 2 } },
        { "views.t.flipProbability = -0.1 ", new() { FlipProbability = -0.1 } },
        { "views.t.jitterProbability = 1.5 ", new() { JitterProbability = 1.5 } },
        { "views.t.brightness = NaN ", new() { Brightness = double.NaN } },
        { "views.t.contrast = 2 ", new() { Contrast = 2 } },
        { "views.t.saturation = -1 ", new() { Saturation = -1 } },
        { "views.t.hue = 0.6 ", new() { Hue = 0.6 } },
        { "views.t.grayscaleProbability = 2 ", new() { GrayscaleProbability = 2 } },
        { "views.t.blurProbability = NaN ", new() { BlurProbability = double.NaN } },
        { "views.t.blurKernelFraction = 2 ", new() { BlurKernelFraction = 2 } },
        { "views.t.blurSigmaMin = 0 ", new() { BlurSigmaMin = 0 } },
        { "views.t.blurSigmaMax = NaN ", new() { BlurSigmaMax = double.NaN } },
        { "views.t.blurSigmaMin = 3 is above views.t.blurSigmaMax = 2", new() { BlurSigmaMin = 3 } },
        { "views.t.solarizeProbability = 7 ", new() { SolarizeProbability = 7 } },
        { "views.t.solarizeThreshold = -1 ", new() { SolarizeThreshold = -1 } },
    };

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void A_value_out_of_range_is_refused_by_its_key(string start, AugmentationOptions options)
    {
        var error = Assert.Throws<ConfigurationException>(() => new ImageViewOptions { T = options }.Validate());
        Assert.StartsWith(start, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Every_number_of_the_options_is_checked()
    {
        foreach (var property in typeof(AugmentationOptions).GetProperties().Where(p => p.PropertyType == typeof(double)))
        {
            var options = new AugmentationOptions();
            property.SetValue(options, double.NaN);
            string key = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            Assert.Contains($"x.{key} = NaN", Assert.Throws<ConfigurationException>(() => options.Validate("x")).Message);
        }
    }

    [Fact]
    public void Mean_and_std_must_fit_the_channels()
    {
        var grey = new ImageViewOptions { Mean = [0.5], Std = [0.25] };
        grey.Validate(channels: 1);
        Assert.StartsWith("views.mean has 1 values for 3 channels", Assert.Throws<ConfigurationException>(() => grey.Validate(3)).Message);
        var zero = new ImageViewOptions { Std = [1, 0, 1] };
        Assert.StartsWith("views.std[1] = 0 ", Assert.Throws<ConfigurationException>(() => zero.Validate(3)).Message);
    }

    [Fact]
    public void Mean_and_std_default_to_ImageNet_and_to_their_average_for_other_channels()
    {
        Assert.Equal([0.485, 0.456, 0.406], ImageViewOptions.Official.MeanFor(3));
        Assert.Equal([0.229, 0.224, 0.225], ImageViewOptions.Official.StdFor(3));
        Assert.All(ImageViewOptions.Official.MeanFor(5), m => Assert.Equal(ImageViewOptions.Official.MeanFor(3).Average(), m, 3));
        Assert.All(ImageViewOptions.Official.StdFor(1), s => Assert.Equal(ImageViewOptions.Official.StdFor(3).Average(), s, 3));
    }

    [Fact]
    public void Options_are_plain_json()
    {
        var read = JsonSerializer.Deserialize<ImageViewOptions>(
            """{"t":{"blurProbability":0.25},"tPrime":{"cropAreaMin":0.3},"flavour":"Torchvision","interpolation":"Bilinear","mean":[0.1]}""", _json)!;

        Assert.Equal(0.25, read.T.BlurProbability);
        Assert.Equal(0.3, read.TPrime.CropAreaMin);
        Assert.Equal((AugmentationFlavour.Torchvision, Interpolation.Bilinear), (read.Flavour, read.Interpolation));
        string text = JsonSerializer.Serialize(read, _json);
        Assert.Equal(text, JsonSerializer.Serialize(JsonSerializer.Deserialize<ImageViewOptions>(text, _json), _json));
        Assert.Contains("\"solarizeProbability\":0", text);
    }
}
