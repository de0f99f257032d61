using ByolSharp.Images;
using SkiaSharp;

namespace ByolSharp.Tests.Images;

public sealed class ContactSheetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("contact-sheet").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Sheets_of_any_channel_count_hold_all_columns_and_rows(int channels)
    {
        using var sheet = Write(new GradientImages(9, channels: channels), samples: 3, draws: 2);
        Assert.Equal(28 + 96 + 2 * (26 + 2 * 96 + 6) + 28, sheet.Width);
        Assert.True(sheet.Height > 3 * 96);

        var colors = sheet.Pixels.Distinct().ToArray();
        Assert.True(colors.Length > 200, "views are drawn");
        bool colored = colors.Any(c => Math.Max(c.Red, Math.Max(c.Green, c.Blue)) - Math.Min(c.Red, Math.Min(c.Green, c.Blue)) > 40);
        Assert.Equal(channels >= 3, colored);
    }

    [Fact]
    public void The_original_is_shown_as_it_is_and_the_draws_are_those_of_training()
    {
        var data = new GradientImages(1);
        var views = ImageViewOptions.Official;
        using var sheet = Write(data, samples: 1, draws: 2);
        int top = sheet.Height - 28 - 96;
        var image = data.Read(0);
        AssertPixel(sheet, 28, top, (x, y, c) => image.Bytes[(y * 32 + x) * 3 + c]);

        var both = new float[2 * 3 * 32 * 32];
        new ImageViewSource(data, views, 32, seed: 4).Draw(epoch: 1, 0, new(both, 2));
        var (v1, v2) = (both[..(3 * 32 * 32)], both[(3 * 32 * 32)..]);
        int second = 28 + 96 + 26 + 96 + 6;
        AssertPixel(sheet, second, top, (x, y, c) => 255 * (v1[c * 1024 + y * 32 + x] * views.StdFor(3)[c] + views.MeanFor(3)[c]));
        AssertPixel(sheet, second + 2 * 96 + 6 + 26, top, (x, y, c) => 255 * (v2[c * 1024 + y * 32 + x] * views.StdFor(3)[c] + views.MeanFor(3)[c]));
    }

    [Fact]
    public void Headings_and_names_are_drawn_without_any_installed_font()
    {
        using var sheet = Write(new GradientImages(1), samples: 1, draws: 2);
        int heading = CountInk(sheet, 28, 28, 96, 14), name = CountInk(sheet, 28, sheet.Height - 28 - 96 - 26, 300, 20);
        Assert.True(heading > 100, $"{heading} dark pixels in the heading");
        Assert.True(name > 100, $"{name} dark pixels in the name");
    }

    [Fact]
    public void Unreadable_samples_are_said_to_be_so_and_the_rest_is_drawn()
    {
        using var sheet = Write(new GradientImages(2, unreadable: 1), samples: 2, draws: 1);
        Assert.True(CountInk(sheet, 28, sheet.Height - 28 - 60, 300, 40) > 100);
    }

    [Fact]
    public void Rows_are_at_most_the_samples_there_are_and_views_of_any_size_fit()
    {
        using var few = Write(new GradientImages(2), samples: 50, draws: 1);
        using var two = Write(new GradientImages(2), samples: 2, draws: 1);
        Assert.Equal(two.Height, few.Height);
        using var tiny = Write(new GradientImages(1), samples: 1, draws: 1, imageSize: 1);
        using var large = Write(new GradientImages(1), samples: 1, draws: 1, imageSize: 300);
        Assert.Equal(tiny.Width + 3 * (256 - 96), large.Width);
    }

    [Fact]
    public void A_path_that_cannot_be_written_is_named()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        string path = Path.Combine(file, "sheet.png");
        var error = Assert.Throws<StorageException>(() => ContactSheet.Write(path, new GradientImages(1), ImageViewOptions.Official, 8));
        Assert.StartsWith($"cannot write {path}", error.Message);
    }

    private SKBitmap Write(ImageDataset data, int samples, int draws, int imageSize = 32)
    {
        string path = Path.Combine(_folder, "new", "sheet.png");
        ContactSheet.Write(path, data, ImageViewOptions.Official, imageSize, samples, draws, seed: 4);
        return SKBitmap.Decode(path);
    }

    private static void AssertPixel(SKBitmap sheet, int left, int top, Func<int, int, int, double> expected)
    {
        foreach (var (x, y) in new[] { (0, 0), (31, 0), (0, 31), (31, 31), (9, 20) })
        {
            var color = sheet.GetPixel(left + 3 * x + 1, top + 3 * y + 1);
            Assert.Equal(expected(x, y, 0), color.Red, 1.0);
            Assert.Equal(expected(x, y, 1), color.Green, 1.0);
            Assert.Equal(expected(x, y, 2), color.Blue, 1.0);
        }
    }

    private static int CountInk(SKBitmap sheet, int left, int top, int width, int height)
    {
        int dark = 0;
        for (int i = 0; i < width * height; i++)
        {
            dark += sheet.GetPixel(left + i % width, top + i / width).Red < 150 ? 1 : 0;
        }

        return dark;
    }
}
