using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

/// <summary>Runs single operations through the public path: a crop that covers the whole image changes nothing by itself.</summary>
internal static class TestViews
{
    /// <summary>Options whose views stay in [0, 1].</summary>
    public static ImageViewOptions Raw(AugmentationFlavour flavour, int channels, Interpolation interpolation = Interpolation.Bicubic) => new()
    {
        Flavour = flavour,
        Interpolation = interpolation,
        Mean = new double[channels],
        Std = [.. Enumerable.Repeat(1.0, channels)],
    };

    /// <summary>A draw that does nothing.</summary>
    public static DrawnAugmentation Nothing(int width, int height) => new() { CropWidth = width, CropHeight = height };

    /// <summary>A draw whose jitter does nothing yet, for one operation to be set.</summary>
    public static DrawnAugmentation Jitter(int size, AugmentationFlavour flavour) => Nothing(size, size) with
    {
        Jitter = true,
        Brightness = flavour == AugmentationFlavour.Official ? 0 : 1,
        Contrast = 1,
        Saturation = 1,
    };

    /// <summary>Applies a draw to an image and gives the planes in [0, 1].</summary>
    public static float[] Apply(
        Image image, DrawnAugmentation drawn, int size, AugmentationFlavour flavour = AugmentationFlavour.Official,
        Interpolation interpolation = Interpolation.Bicubic, AugmentationOptions? options = null)
    {
        var augmentation = new ImageAugmentation(
            options ?? new(), Raw(flavour, image.Channels, interpolation), size, image.Channels);
        var view = new float[augmentation.ViewLength];
        augmentation.Apply(image, drawn, view);
        return view;
    }

    /// <summary>A square float image from channel planes.</summary>
    public static Image FromPlanes(params float[][] planes)
    {
        int size = (int)Math.Round(Math.Sqrt(planes[0].Length)), channels = planes.Length;
        var pixels = new float[size * size * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = planes[i % channels][i / channels];
        }

        return new(size, size, channels, pixels);
    }

    /// <summary>A one-pixel colour image.</summary>
    public static Image Pixel(float red, float green, float blue) => FromPlanes([red], [green], [blue]);

    public static void AssertClose(IReadOnlyList<double> expected, ReadOnlySpan<float> actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Count, actual.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"value {i}: expected {expected[i]}, got {actual[i]}");
        }
    }
}
