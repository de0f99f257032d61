using ByolSharp.Images;

namespace ByolSharp.Tests.Images;

/// <summary>Generated images without equal neighbours: every pixel tells where it came from.</summary>
internal sealed class GradientImages(int count, int width = 32, int height = 32, int channels = 3, int unreadable = -1) : ImageDataset
{
    public override int Count => count;

    public override string NameOf(int index) => $"gradient/{index:000}.png";

    public override int LabelOf(int index) => index % 3;

    public override Image Read(int index) => index == unreadable
        ? throw new UnreadableSampleException($"{NameOf(index)} is truncated: replace the file")
        : Make(index, width, height, channels);

    public static Image Make(int index, int width, int height, int channels)
    {
        var pixels = new byte[width * height * channels];
        for (int i = 0; i < pixels.Length; i++)
        {
            var (c, x, y) = (i % channels, i / channels % width, i / channels / width);
            double wave = Math.Sin(0.9 * x + c + index) + Math.Cos(0.7 * y - c + 2 * index);
            pixels[i] = (byte)(127.5 + 63 * wave);
        }

        return new(width, height, channels, pixels);
    }
}
