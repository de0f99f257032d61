using ByolSharp.Images;
using NetVips;
using Image = ByolSharp.Images.Image;
using VipsImage = NetVips.Image;

namespace ByolSharp.Tests.Images;

public sealed class ImageDecoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Png_keeps_every_channel_and_value(int channels)
    {
        Image picture = Pictures.Make(37, 23, channels);

        AssertSame(picture, ImageDecoder.Default.Decode(Pictures.Png(picture)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Png_of_16_bits_stays_16_bits(int channels)
    {
        Image picture = Pictures.Make(20, 10, channels);
        using VipsImage wide = Pictures.ToVips(picture).Cast(Enums.BandFormat.Ushort).Linear([257], [-100]).Cast(Enums.BandFormat.Ushort)
            .Copy(interpretation: channels <= 2 ? Enums.Interpretation.Grey16 : Enums.Interpretation.Rgb16);

        Image decoded = ImageDecoder.Default.Decode(wide.PngsaveBuffer());

        Assert.Equal((20, 10, channels, PixelFormat.UInt16), (decoded.Width, decoded.Height, decoded.Channels, decoded.Format));
        Assert.All(Enumerable.Range(0, picture.Bytes.Length), i => Assert.Equal(picture.Bytes[i] * 257 - 100, decoded.Words[i]));
    }

    [Fact]
    public void Lossless_formats_give_the_pixels_that_went_in()
    {
        Image picture = Pictures.Make(33, 21, 3), transparent = Pictures.Make(33, 21, 4);
        using VipsImage vips = Pictures.ToVips(picture), vipsTransparent = Pictures.ToVips(transparent);

        AssertSame(picture, ImageDecoder.Default.Decode(Pictures.Bmp(picture)));
        AssertSame(picture, ImageDecoder.Default.Decode(vips.WebpsaveBuffer(lossless: true)));
        AssertSame(transparent, ImageDecoder.Default.Decode(vipsTransparent.WebpsaveBuffer(lossless: true, exact: true)));
        AssertSame(picture, ImageDecoder.Default.Decode(vips.TiffsaveBuffer(compression: Enums.ForeignTiffCompression.Lzw)));
        AssertSame(picture, ImageDecoder.Default.Decode(vips.PngsaveBuffer(interlace: true)));
    }

    [Fact]
    public void Palettes_and_few_bits_are_expanded()
    {
        Image grey = new(2, 2, 1, [0, 255, 255, 0]);
        Image colours = new(2, 1, 3, [255, 0, 0, 0, 0, 255]);

        AssertSame(grey, ImageDecoder.Default.Decode(Pictures.ToVips(grey).PngsaveBuffer(bitdepth: 1)));
        AssertSame(colours, ImageDecoder.Default.Decode(Pictures.ToVips(colours).PngsaveBuffer(palette: true)));
        AssertSame(colours, ImageDecoder.Default.Decode(Pictures.ToVips(colours).GifsaveBuffer()));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Jpeg_gives_the_picture_nearly(int channels, bool progressive)
    {
        Image picture = Pictures.Make(64, 48, channels);

        Image decoded = ImageDecoder.Default.Decode(Pictures.Jpeg(64, 48, channels, progressive: progressive));

        Assert.Equal((64, 48, channels), (decoded.Width, decoded.Height, decoded.Channels));
        Assert.InRange(MeanDifference(picture, decoded), 0, 3);
    }

    [Fact]
    public void Animated_gif_gives_its_first_frame()
    {
        Image first = new(4, 4, 3, [.. Enumerable.Repeat(new byte[] { 255, 0, 0 }, 16).SelectMany(p => p)]);
        Image second = new(4, 4, 3, [.. Enumerable.Repeat(new byte[] { 0, 0, 255 }, 16).SelectMany(p => p)]);
        using VipsImage film = VipsImage.Arrayjoin([Pictures.ToVips(first), Pictures.ToVips(second)], across: 1)
            .Mutate(m => m.Set(GValue.GIntType, "page-height", 4));

        AssertSame(first, ImageDecoder.Default.Decode(film.GifsaveBuffer()));
    }

    [Fact]
    public void Tiff_keeps_float_and_any_number_of_channels()
    {
        float[] values = [.. Enumerable.Range(0, 5 * 4 * 7).Select(i => i / 140f)];
        using VipsImage floats = VipsImage.NewFromMemoryCopy<float>(values, 5, 4, 7, Enums.BandFormat.Float);

        Image decoded = ImageDecoder.Default.Decode(floats.TiffsaveBuffer());

        Assert.Equal((5, 4, 7, PixelFormat.Float32), (decoded.Width, decoded.Height, decoded.Channels, decoded.Format));
        Assert.Equal(values, decoded.Floats.ToArray());
    }

    [Fact]
    public void Tiff_of_signed_or_32_bit_integers_is_brought_to_a_known_format()
    {
        using VipsImage signed = VipsImage.NewFromMemoryCopy<short>([-5, 0, 7, 32767], 2, 2, 1, Enums.BandFormat.Short);
        using VipsImage wide = VipsImage.NewFromMemoryCopy<uint>([0, uint.MaxValue, uint.MaxValue / 2, 0], 2, 2, 1, Enums.BandFormat.Uint);

        Assert.Equal([0, 0, 7, 32767], ImageDecoder.Default.Decode(signed.TiffsaveBuffer()).Words.ToArray());
        Assert.Equal([0f, 1f, 0.5f, 0f], ImageDecoder.Default.Decode(wide.TiffsaveBuffer()).Floats.ToArray());
    }

    [Fact]
    public void Cmyk_becomes_rgb()
    {
        byte[] cyan = [.. Enumerable.Repeat(new byte[] { 255, 0, 0, 0 }, 64).SelectMany(p => p)];
        using VipsImage ink = VipsImage.NewFromMemoryCopy<byte>(cyan, 8, 8, 4, Enums.BandFormat.Uchar)
            .Copy(interpretation: Enums.Interpretation.Cmyk);

        foreach (byte[] file in new[] { ink.JpegsaveBuffer(q: 100), ink.TiffsaveBuffer() })
        {
            Image decoded = ImageDecoder.Default.Decode(file);

            Assert.Equal(3, decoded.Channels);
            Assert.InRange(decoded.Bytes[0], 0, 60);
            Assert.InRange(decoded.Bytes[1], 120, 200);
            Assert.InRange(decoded.Bytes[2], 200, 255);
        }
    }

    [Theory]
    [InlineData("jpeg", 1)]
    [InlineData("jpeg", 2)]
    [InlineData("jpeg", 3)]
    [InlineData("jpeg", 4)]
    [InlineData("jpeg", 5)]
    [InlineData("jpeg", 6)]
    [InlineData("jpeg", 7)]
    [InlineData("jpeg", 8)]
    [InlineData("png", 6)]
    [InlineData("png", 7)]
    [InlineData("webp", 8)]
    [InlineData("tiff", 6)]
    public void Orientation_is_applied(string format, int orientation)
    {
        using VipsImage held = Pictures.ToVips(Pictures.Make(40, 24, 3)).Mutate(m => m.Set(GValue.GIntType, "orientation", orientation));
        byte[] file = format switch
        {
            "jpeg" => held.JpegsaveBuffer(),
            "png" => held.PngsaveBuffer(),
            "webp" => held.WebpsaveBuffer(lossless: true),
            _ => held.TiffsaveBuffer(),
        };
        using VipsImage upright = VipsImage.NewFromBuffer(file).Autorot();

        foreach (bool triesTurboJpeg in new[] { false, true })
        {
            Image decoded = Decoder(triesTurboJpeg).Decode(file);

            Assert.Equal(orientation >= 5 ? (24, 40) : (40, 24), (decoded.Width, decoded.Height));
            Assert.Equal(upright.WriteToMemory<byte>(), decoded.Bytes.ToArray());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_cut_anywhere_is_called_truncated(bool triesTurboJpeg)
    {
        Image picture = Pictures.Make(80, 60, 3);
        using VipsImage vips = Pictures.ToVips(picture);
        byte[][] files =
        [
            Pictures.Jpeg(80, 60), Pictures.Jpeg(80, 60, progressive: true), vips.PngsaveBuffer(), vips.PngsaveBuffer(interlace: true),
            vips.WebpsaveBuffer(), vips.WebpsaveBuffer(lossless: true), Pictures.Bmp(picture),
            vips.Cast(Enums.BandFormat.Ushort).Copy(interpretation: Enums.Interpretation.Rgb16).PngsaveBuffer(),
        ];

        foreach (byte[] file in files)
        {
            for (int length = 60; length < file.Length; length += Math.Max(1, file.Length / 40))
            {
                Assert.StartsWith("truncated ", ErrorOf(file[..length], triesTurboJpeg), StringComparison.Ordinal);
            }

            Assert.StartsWith("truncated ", ErrorOf(file[..^1], triesTurboJpeg), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_cut_gif_or_tiff_is_refused()
    {
        using VipsImage vips = Pictures.ToVips(Pictures.Make(80, 60, 3));
        byte[] gif = vips.GifsaveBuffer(), tiff = vips.TiffsaveBuffer(), early = TiffWithItsDirectoryFirst(60, 50);
        Assert.Equal((60, 50, PixelFormat.UInt16), (ImageDecoder.Default.Decode(early).Width, ImageDecoder.Default.Decode(early).Height,
            ImageDecoder.Default.Decode(early).Format));

        for (int share = 1; share < 10; share++)
        {
            Assert.Equal("truncated GIF", ErrorOf(gif[..(gif.Length * share / 10)]));
            Assert.StartsWith("TIFF that is truncated", ErrorOf(tiff[..(tiff.Length * share / 10)]), StringComparison.Ordinal);
            Assert.StartsWith("TIFF that is truncated", ErrorOf(early[..(early.Length * share / 10)]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Real_photos_decode_and_their_halves_do_not(bool triesTurboJpeg)
    {
        string[] files = Directory.GetFiles(TestData.Find("photos"), "*.jpg", SearchOption.AllDirectories);
        foreach (string file in files.Order(StringComparer.Ordinal).Take(20))
        {
            byte[] bytes = File.ReadAllBytes(file);
            using VipsImage peer = VipsImage.NewFromBuffer(bytes).Autorot();

            Assert.Equal(peer.WriteToMemory<byte>(), Decoder(triesTurboJpeg).Decode(bytes).Bytes.ToArray());
            Assert.Equal("truncated JPEG", ErrorOf(bytes[..(bytes.Length / 2)], triesTurboJpeg));
            Assert.Equal("truncated JPEG", ErrorOf(bytes[..^2], triesTurboJpeg));
        }
    }

    [Fact]
    public void What_is_wrong_is_said_in_one_line()
    {
        byte[] png = Pictures.Png(64, 64, 3);
        png[png.AsSpan().IndexOf("IDAT"u8) + 50] ^= 0x55;

        using var folder = new TempFolder();
        Assert.Equal("empty file", ErrorOf([]));
        Assert.Equal("not an image (JPEG, PNG, WebP, GIF, TIFF or BMP)", ErrorOf("some text"u8.ToArray()));
        Assert.Equal("not an image (JPEG, PNG, WebP, GIF, TIFF or BMP)", ErrorOf(new byte[5000]));
        Assert.Equal("corrupt PNG", ErrorOf(png));
        Assert.Equal("no such file",
            Assert.Throws<UnreadableSampleException>(() => ImageDecoder.Default.DecodeFile(folder.Of("a.png"))).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_anywhere_never_gives_more_than_the_expected_error(bool triesTurboJpeg)
    {
        using VipsImage vips = Pictures.ToVips(Pictures.Make(24, 16, 3));
        byte[][] files = [vips.JpegsaveBuffer(), vips.PngsaveBuffer(), vips.WebpsaveBuffer(), vips.GifsaveBuffer(), vips.TiffsaveBuffer(),
            Pictures.Bmp(Pictures.Make(24, 16, 3))];
        var random = new SampleRandom(5);
        var decoder = new ImageDecoder { MaxPixels = 1_000_000, TriesTurboJpeg = triesTurboJpeg };
        for (int i = 0; i < 600; i++)
        {
            byte[] file = [.. files[i % files.Length]];
            for (int flips = random.NextInt(4); flips >= 0; flips--)
            {
                file[random.NextInt(random.NextBool(0.5) ? Math.Min(file.Length, 100) : file.Length)] = (byte)random.NextInt(256);
            }

            Exception? error = Record.Exception(() => decoder.Decode(file));
            Assert.True(error is null or UnreadableSampleException { Message.Length: > 5 and < 200 }, $"{i}: {error}");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_beyond_the_limit_are_refused_before_they_are_decoded(bool triesTurboJpeg)
    {
        var decoder = new ImageDecoder { MaxPixels = 99, TriesTurboJpeg = triesTurboJpeg };
        Image picture = Pictures.Make(10, 10, 3);
        foreach (byte[] file in new[] { Pictures.Png(picture), Pictures.Bmp(picture), Pictures.Jpeg(10, 10), Pictures.ToVips(picture).TiffsaveBuffer() })
        {
            Assert.Equal("too large: 10 x 10 pixels, the limit is 99 (data.maxPixels)",
                Assert.Throws<UnreadableSampleException>(() => decoder.Decode(file)).Message);
        }
    }

    [Theory]
    [InlineData(0, 400, 300)]
    [InlineData(38, 50, 38)]
    [InlineData(39, 100, 75)]
    [InlineData(75, 100, 75)]
    [InlineData(76, 200, 150)]
    [InlineData(151, 400, 300)]
    [InlineData(1000, 400, 300)]
    public void A_jpeg_is_decoded_at_the_smallest_scale_whose_short_side_is_enough(int shortSide, int width, int height)
    {
        var decoder = new ImageDecoder { ShortSide = shortSide };
        foreach (int channels in new[] { 1, 3 })
        {
            Image decoded = decoder.Decode(Pictures.Jpeg(400, 300, channels));

            Assert.Equal((width, height, channels), (decoded.Width, decoded.Height, decoded.Channels));
            Assert.InRange(MeanDifference(BoxAverage(Pictures.Make(400, 300, channels), decoded.Width, decoded.Height), decoded), 0, 3);
        }
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(6, false)]
    [InlineData(6, true)]
    public void A_scaled_jpeg_is_turned_upright_and_a_cut_one_is_refused(int orientation, bool triesTurboJpeg)
    {
        using VipsImage held = Pictures.ToVips(Pictures.Make(160, 96, 3)).Mutate(m => m.Set(GValue.GIntType, "orientation", orientation));
        byte[] file = held.JpegsaveBuffer();
        var decoder = new ImageDecoder { ShortSide = 48, TriesTurboJpeg = triesTurboJpeg };

        Image whole = ImageDecoder.Default.Decode(file), scaled = decoder.Decode(file);

        Assert.Equal((whole.Width / 2, whole.Height / 2), (scaled.Width, scaled.Height));
        Assert.InRange(MeanDifference(BoxAverage(whole, scaled.Width, scaled.Height), scaled), 0, 2);
        Assert.Equal("truncated JPEG", Assert.Throws<UnreadableSampleException>(() => decoder.Decode(file[..^2])).Message);
    }

    [Fact]
    public void Scaling_leaves_other_formats_and_jpegs_of_libvips_at_their_size()
    {
        Image picture = Pictures.Make(80, 60, 3);
        byte[] ink = Pictures.ToVips(Pictures.Make(80, 60, 4)).Copy(interpretation: Enums.Interpretation.Cmyk).JpegsaveBuffer();
        var decoder = new ImageDecoder { ShortSide = 8 };

        AssertSame(picture, decoder.Decode(Pictures.Png(picture)));
        AssertSame(picture, decoder.Decode(Pictures.ToVips(picture).WebpsaveBuffer(lossless: true)));
        Assert.Equal((80, 60), (decoder.Decode(ink).Width, decoder.Decode(ink).Height));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Streams_files_and_threads_give_the_same_pixels(bool triesTurboJpeg)
    {
        byte[][] files = [.. Enumerable.Range(0, 8).Select(i =>
            i % 2 == 0 ? Pictures.Jpeg(50, 40, 3, i) : Pictures.ToVips(Pictures.Make(50, 40, 3, i)).TiffsaveBuffer())];
        byte[][] expected = [.. files.Select(f => Decoder(triesTurboJpeg).Decode(new MemoryStream(f)).Bytes.ToArray())];

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
            Assert.Equal(expected[i % 8], Decoder(triesTurboJpeg).Decode(files[i % 8]).Bytes.ToArray()));
    }

    private static ImageDecoder Decoder(bool triesTurboJpeg) => new() { TriesTurboJpeg = triesTurboJpeg };

    private static string ErrorOf(byte[] file, bool triesTurboJpeg = true) =>
        Assert.Throws<UnreadableSampleException>(() => Decoder(triesTurboJpeg).Decode(file)).Message;

    private static void AssertSame(Image expected, Image actual)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
    }

    private static double MeanDifference(Image a, Image b) =>
        Enumerable.Range(0, a.Bytes.Length).Average(i => Math.Abs(a.Bytes[i] - b.Bytes[i]));

    /// <summary>Means over the pixels that lie in each pixel of the smaller size.</summary>
    private static Image BoxAverage(Image image, int width, int height)
    {
        var sums = new double[width * height * image.Channels];
        var counts = new int[sums.Length];
        for (int i = 0; i < image.Bytes.Length; i++)
        {
            (int x, int y, int c) = (i / image.Channels % image.Width, i / image.Channels / image.Width, i % image.Channels);
            int to = (y * height / image.Height * width + x * width / image.Width) * image.Channels + c;
            sums[to] += image.Bytes[i];
            counts[to]++;
        }

        return new Image(width, height, image.Channels, [.. sums.Zip(counts, (sum, count) => (byte)Math.Round(sum / count))]);
    }

    /// <summary>A grey 16-bit TIFF as cameras write it: header, directory, then one strip of pixels.</summary>
    private static byte[] TiffWithItsDirectoryFirst(int width, int height)
    {
        const int entries = 8, stripAt = 8 + 2 + entries * 12 + 4;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("II*\0"u8);
        writer.Write(8);
        writer.Write((short)entries);
        (short, int)[] directory =
        [
            (256, width), (257, height), (258, 16), (259, 1), (262, 1), (273, stripAt), (278, height), (279, 2 * width * height),
        ];
        foreach ((short tag, int value) in directory)
        {
            writer.Write(tag);
            writer.Write((short)4);
            writer.Write(1);
            writer.Write(value);
        }

        writer.Write(0);
        writer.Write(new byte[2 * width * height]);
        return file.ToArray();
    }
}
