using ByolSharp.Images;
using CsCheck;
using static ByolSharp.Tests.Images.TestViews;

namespace ByolSharp.Tests.Images;

/// <summary>The vectorised path equals the plain one, over random images, sizes, channels and draws.</summary>
public sealed class AugmentationReferenceTests
{
    private static readonly Gen<AugmentationFlavour> _flavours = Gen.Enum<AugmentationFlavour>();
    private static readonly Gen<Interpolation> _interpolations = Gen.Enum<Interpolation>();

    [Fact]
    public void Random_resized_crops_of_any_shape_format_and_channel_count_equal_the_scalar_reference() =>
        Gen.Select(Images(40, Gen.Int[1, 5]), Gen.Int[1, 20], _flavours, _interpolations, Gen.Long)
            .Sample((image, size, flavour, interpolation, seed) =>
            {
                var drawn = Draw(image, size, flavour, seed);
                Compare(image, drawn with { Jitter = false, Grayscale = false, Blur = false }, size, flavour, interpolation, new());
            }, iter: 200);

    [Fact]
    public void Brightness_equals_the_scalar_reference() =>
        CompareOperation((flavour, value) => Jitter(0, flavour) with { Brightness = Strength(flavour, value, 0.4f) });

    [Fact]
    public void Contrast_equals_the_scalar_reference() =>
        CompareOperation((flavour, value) => Jitter(0, flavour) with { Contrast = 1 + 0.8f * value });

    [Fact]
    public void Saturation_equals_the_scalar_reference() =>
        CompareOperation((flavour, value) => Jitter(0, flavour) with { Saturation = 1 + value });

    [Fact]
    public void Hue_equals_the_scalar_reference() =>
        CompareOperation((flavour, value) => Jitter(0, flavour) with { Hue = 0.5f * value });

    [Fact]
    public void Grayscale_equals_the_scalar_reference() =>
        CompareOperation((_, _) => new() { Grayscale = true });

    [Fact]
    public void Solarize_equals_the_scalar_reference() =>
        CompareOperation((_, _) => new() { Solarize = true });

    [Fact]
    public void Blur_equals_the_scalar_reference_for_kernels_up_to_twice_the_image() =>
        Gen.Select(Gen.Int[1, 24], Gen.Float[0.05f, 4], Gen.Double[0, 1], _flavours, Gen.Long)
            .Sample((size, sigma, fraction, flavour, seed) =>
            {
                var drawn = Nothing(size, size) with { Blur = true, BlurSigma = sigma };
                Compare(Noise(size, size, 2, seed), drawn, size, flavour, Interpolation.Bicubic, new() { BlurKernelFraction = fraction });
            }, iter: 150);

    [Fact]
    public void Whole_views_as_drawn_equal_the_scalar_reference() =>
        Gen.Select(Images(48, Gen.Int[1, 4]), Gen.Int[1, 40], _flavours, _interpolations, Gen.Long)
            .Sample((image, size, flavour, interpolation, seed) =>
                Compare(image, Draw(image, size, flavour, seed), size, flavour, interpolation, new()), iter: 150);

    private static void CompareOperation(Func<AugmentationFlavour, float, DrawnAugmentation> operation) =>
        Gen.Select(Gen.Int[1, 40], _flavours, Gen.Float[-1, 1], Gen.OneOf(Gen.Const(1), Gen.Const(3)), Gen.Long).Sample((size, flavour, value, channels, seed) =>
        {
            var drawn = operation(flavour, value) with { CropWidth = size, CropHeight = size };
            Compare(Noise(size, size, channels, seed), drawn, size, flavour, Interpolation.Bicubic, new());
        }, iter: 200);

    private static void Compare(
        Image image, DrawnAugmentation drawn, int size, AugmentationFlavour flavour, Interpolation interpolation, AugmentationOptions options) =>
        AssertClose(
            ScalarReference.Apply(image, drawn, size, flavour, interpolation, options),
            Apply(image, drawn, size, flavour, interpolation, options));

    private static float Strength(AugmentationFlavour flavour, float value, float strength) =>
        (flavour == AugmentationFlavour.Official ? 0 : 1) + strength * value;

    private static DrawnAugmentation Draw(Image image, int size, AugmentationFlavour flavour, long seed)
    {
        var views = ImageViewOptions.Symmetric with { Flavour = flavour };
        var random = new SampleRandom(seed);
        return new ImageAugmentation(views.T, views, size, image.Channels).Draw(ref random, image.Width, image.Height);
    }

    private static Gen<Image> Images(int largest, Gen<int> channels) =>
        Gen.Select(Gen.Int[1, largest], Gen.Int[1, largest], channels, Gen.Enum<PixelFormat>(), Gen.Long)
            .Select((width, height, count, format, seed) => Noise(width, height, count, seed, format));

    private static Image Noise(int width, int height, int channels, long seed, PixelFormat format = PixelFormat.Float32)
    {
        var random = new SampleRandom(seed);
        int length = width * height * channels;
        var values = new float[length];
        for (int i = 0; i < length; i++)
        {
            // One value in four lies on a coarse grid: equal channels, black and white are the corners of HSV.
            values[i] = (float)(random.NextInt(4) == 0 ? random.NextInt(3) / 2.0 : random.NextDouble());
        }

        return format switch
        {
            PixelFormat.UInt8 => new(width, height, channels, Array.ConvertAll(values, v => (byte)(255 * v))),
            PixelFormat.UInt16 => new(width, height, channels, Array.ConvertAll(values, v => (ushort)(65535 * v))),
            _ => new(width, height, channels, values),
        };
    }
}
