using ByolSharp.Images;
using static ByolSharp.Tests.Images.TestViews;

namespace ByolSharp.Tests.Images;

public sealed class EvalTransformTests
{
    [Theory]
    [InlineData(EvalCrop.ResizeThenCrop)]
    [InlineData(EvalCrop.CropThenResize)]
    public void An_image_of_the_right_size_is_only_normalised(EvalCrop crop)
    {
        var image = GradientImages.Make(0, 32, 32, 3);
        var view = Apply(image, ImageViewOptions.Official, 32, crop);
        double[] mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225];
        for (int i = 0; i < view.Length; i++)
        {
            int c = i / 1024, pixel = i % 1024;
            Assert.Equal((image.Bytes[pixel * 3 + c] / 255.0 - mean[c]) / std[c], view[i], 1e-5);
        }
    }

    [Fact]
    public void The_paper_resizes_the_short_side_to_8_sevenths_and_cuts_out_the_middle()
    {
        // 512 x 256 at size 224: the short side becomes 256, nothing is resampled, and the middle 224 x 224 remains.
        var image = GradientImages.Make(0, 512, 256, 1);
        var view = Apply(image, Raw(AugmentationFlavour.Official, 1), 224);
        for (int i = 0; i < view.Length; i++)
        {
            Assert.Equal(image.Bytes[(16 + i / 224) * 512 + 144 + i % 224] / 255f, view[i], 1e-6f);
        }
    }

    [Fact]
    public void The_official_code_resizes_the_middle_7_eighths_of_the_short_side()
    {
        // 64 x 32: the middle 28 x 28 at (18, 2) becomes 14 x 14.
        var image = GradientImages.Make(0, 64, 32, 3);
        var view = Apply(image, Raw(AugmentationFlavour.Official, 3), 14, EvalCrop.CropThenResize);
        var expected = TestViews.Apply(image, new() { CropX = 18, CropY = 2, CropWidth = 28, CropHeight = 28 }, 14);
        Assert.Equal(expected, view);
    }

    [Fact]
    public void Shrinking_is_antialiased()
    {
        // One white column in eight, shrunk eight times: every column of the view gets its share of it. Without antialiasing the four
        // nearest columns would all be black.
        var pixels = new byte[256 * 256];
        for (int x = 0; x < pixels.Length; x += 8)
        {
            pixels[x] = 255;
        }

        var view = Apply(new(256, 256, 1, pixels), Raw(AugmentationFlavour.Official, 1), 28);
        Assert.All(view, v => Assert.InRange(v, 0.1f, 0.15f));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 40)]
    [InlineData(33, 32)]
    [InlineData(500, 3)]
    public void Any_shape_works(int width, int height)
    {
        foreach (var crop in Enum.GetValues<EvalCrop>())
        {
            var view = Apply(GradientImages.Make(0, width, height, 2), ImageViewOptions.Official, 32, crop);
            Assert.All(view, v => Assert.True(float.IsFinite(v)));
        }
    }

    [Fact]
    public void Another_channel_count_is_an_unreadable_sample() => Assert.Throws<UnreadableSampleException>(
        () => new EvalTransform(ImageViewOptions.Official, 8, 3).Apply(GradientImages.Make(0, 8, 8, 1), new float[3 * 64]));

    private static float[] Apply(Image image, ImageViewOptions views, int size, EvalCrop crop = EvalCrop.ResizeThenCrop)
    {
        var transform = new EvalTransform(views, size, image.Channels, crop);
        var view = new float[transform.ViewLength];
        transform.Apply(image, view);
        return view;
    }
}
