using NetVips;
using Image = ByolSharp.Images.Image;
using VipsImage = NetVips.Image;

namespace ByolSharp.Tests.Images;

/// <summary>Images made up for tests: smooth, so that lossy formats keep them, and different for each seed.</summary>
internal static class Pictures
{
    public static Image Make(int width, int height, int channels, long seed = 0)
    {
        var random = new SampleRandom(seed);
        double[] waves = [.. Enumerable.Range(0, 3 * channels).Select(_ => random.NextDouble(0, 6))];
        var pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y, int c) = (i / channels % width, i / channels / width, i % channels);
            double wave = Math.Sin(waves[3 * c] + waves[3 * c + 1] * x / width + waves[3 * c + 2] * y / height);
            pixels[i] = (byte)Math.Round(127.5 + 120 * wave);
        }

        return new Image(width, height, channels, pixels);
    }

    public static VipsImage ToVips(Image image) =>
        VipsImage.NewFromMemoryCopy(image.Bytes, image.Width, image.Height, image.Channels, Enums.BandFormat.Uchar)
            .Copy(interpretation: image.Channels <= 2 ? Enums.Interpretation.Bw : Enums.Interpretation.Srgb);

    public static byte[] Png(int width, int height, int channels, long seed = 0) => Png(Make(width, height, channels, seed));

    public static byte[] Png(Image image) => ToVips(image).PngsaveBuffer();

    public static byte[] Jpeg(int width, int height, int channels = 3, long seed = 0, bool progressive = false) =>
        ToVips(Make(width, height, channels, seed)).JpegsaveBuffer(q: 90, interlace: progressive);

    /// <summary>An uncompressed Windows bitmap of 24 bits, written by hand since no library at hand writes one.</summary>
    public static byte[] Bmp(Image image)
    {
        int stride = (image.Width * 3 + 3) / 4 * 4;
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        writer.Write("BM"u8);
        writer.Write(54 + stride * image.Height);
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(image.Width);
        writer.Write(image.Height);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(new byte[24]);
        for (int y = image.Height - 1; y >= 0; y--)
        {
            var row = new byte[stride];
            for (int x = 0; x < image.Width; x++)
            {
                ReadOnlySpan<byte> rgb = image.Bytes.Slice((y * image.Width + x) * 3, 3);
                (row[3 * x], row[3 * x + 1], row[3 * x + 2]) = (rgb[2], rgb[1], rgb[0]);
            }

            writer.Write(row);
        }

        return file.ToArray();
    }
}
