using ByolSharp.Images;
using ByolSharp.Images.Decoding;
using SkiaSharp;

namespace ByolSharp.Tests.Images.Decoding;

/// <summary>libturbojpeg, where the system has it, makes no difference but speed.</summary>
public sealed class TurboJpegDecoderTests
{
    private static readonly int[] ShortSides = [0, 20, 10, 5, 1];

    public TurboJpegDecoderTests() => Assert.SkipUnless(TurboJpegDecoder.IsUsable, "libturbojpeg is not installed, or decodes otherwise than Skia");

    [Theory]
    [InlineData("photos")]
    [InlineData("scene6")]
    [InlineData("clothing10")]
    public void Real_jpegs_have_the_pixels_of_Skia_at_every_scale(string folder)
    {
        string[] files = Directory.GetFiles(TestData.Find(folder), "*.jpg", SearchOption.AllDirectories);

        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            byte[] encoded = File.ReadAllBytes(file);
            var facts = EncodedImage.Inspect(encoded);
            AssertSameAsSkia(encoded, 0);
            AssertSameAsSkia(encoded, Math.Min(facts.Width, facts.Height) / 2);
            AssertSameAsSkia(encoded, 8);
        });
    }

    [Theory]
    [InlineData(SKJpegEncoderDownsample.Downsample420)]
    [InlineData(SKJpegEncoderDownsample.Downsample422)]
    [InlineData(SKJpegEncoderDownsample.Downsample444)]
    public void Noise_of_any_size_and_quality_has_the_pixels_of_Skia(SKJpegEncoderDownsample subsampling)
    {
        var random = new SampleRandom(3);
        for (int i = 0; i < 150; i++)
        {
            bool isGrey = i % 5 == 4;
            int longest = i < 60 ? 9 : 90;
            byte[] encoded = Noise(1 + random.NextInt(longest), 1 + random.NextInt(longest), random.NextInt(101), subsampling, isGrey, ref random);

            Assert.All(ShortSides, shortSide => Assert.Equal(isGrey ? 1 : 3, AssertSameAsSkia(encoded, shortSide).Channels));
        }
    }

    [Fact]
    public void Progressive_files_and_files_of_other_formats_are_left_to_Skia()
    {
        Assert.Null(Decode(Pictures.Jpeg(40, 30, progressive: true)));
        Assert.Null(Decode(Pictures.Png(40, 30, 3)));
    }

    [Fact]
    public void Damage_has_the_outcome_that_it_has_with_Skia()
    {
        var random = new SampleRandom(8);
        byte[] whole = Noise(30, 20, 80, SKJpegEncoderDownsample.Downsample420, false, ref random);
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = [.. whole];
            damaged[random.NextInt(random.NextBool(0.5) ? 600 : damaged.Length)] = (byte)random.NextInt(256);
            string outcome = OutcomeOf(new() { TriesTurboJpeg = false }, damaged);
            refused += char.IsAsciiDigit(outcome[0]) ? 0 : 1;

            Assert.Equal(outcome, OutcomeOf(ImageDecoder.Default, damaged));
        }

        Assert.InRange(refused, 100, 2900);
    }

    /// <summary>In libjpeg the tables of a file serve the following ones that have none.</summary>
    [Fact]
    public void A_file_that_lost_its_tables_is_not_decoded_with_those_of_the_one_before()
    {
        byte[] whole = Pictures.Jpeg(40, 30), damaged = DamagedJpegs.WithoutTables(whole);

        Assert.NotNull(Decode(whole));
        Assert.Null(Decode(damaged));
        Assert.Equal("corrupt JPEG", OutcomeOf(ImageDecoder.Default, damaged));
        Assert.NotNull(Decode(whole));
    }

    private static Image? Decode(byte[] encoded, int shortSide = 0) => TurboJpegDecoder.TryDecode(encoded, EncodedImage.Inspect(encoded), shortSide);

    private static Image AssertSameAsSkia(byte[] encoded, int shortSide)
    {
        Image expected = SkiaDecoder.Decode(encoded, EncodedImage.Inspect(encoded), shortSide, (_, _) => { });
        Image? actual = Decode(encoded, shortSide);

        Assert.NotNull(actual);
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        Assert.True(expected.Bytes.SequenceEqual(actual.Bytes), $"{expected.Width} x {expected.Height}, short side {shortSide}");
        return actual;
    }

    /// <summary>The size, or the error.</summary>
    private static string OutcomeOf(ImageDecoder decoder, byte[] encoded)
    {
        try
        {
            Image image = decoder.Decode(encoded);
            return $"{image.Width}x{image.Height}x{image.Channels}";
        }
        catch (UnreadableSampleException e)
        {
            return e.Message;
        }
    }

    private static byte[] Noise(int width, int height, int quality, SKJpegEncoderDownsample subsampling, bool isGrey, ref SampleRandom random)
    {
        using var noise = new SKBitmap(new SKImageInfo(width, height, isGrey ? SKColorType.Gray8 : SKColorType.Rgba8888, SKAlphaType.Opaque));
        foreach (ref byte value in noise.GetPixelSpan())
        {
            value = (byte)random.NextInt(256);
        }

        using SKPixmap pixels = noise.PeekPixels();
        using SKData encoded = pixels.Encode(new SKJpegEncoderOptions(quality, subsampling, SKJpegEncoderAlphaOption.Ignore))!;
        return encoded.ToArray();
    }
}
