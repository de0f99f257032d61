using System.Numerics;

namespace ByolSharp.Images.Scanning;

/// <summary>
/// What a picture looks like in a few bytes: a grid of 9 x 8 mean brightnesses, and 64 bits that say where it gets darker from left
/// to right (difference hash). Scaling, recompression and small changes of brightness leave nearly all bits as they are.
/// </summary>
internal static class PerceptualHash
{
    private const int Columns = 9, Rows = 8;

    /// <summary>Cells of a grid.</summary>
    public const int GridLength = Columns * Rows;

    /// <summary>Fills the grid of an image and gives its hash.</summary>
    public static ulong Of(Image image, Span<byte> grid)
    {
        Span<float> means = stackalloc float[GridLength];
        switch (image.Format)
        {
            case PixelFormat.UInt8:
                Means(image.Bytes, image, means);
                break;
            case PixelFormat.UInt16:
                Means(image.Words, image, means);
                break;
            default:
                Means(image.Floats, image, means);
                break;
        }

        Quantise(means, grid);
        ulong hash = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 1; column < Columns; column++)
            {
                int cell = row * Columns + column;
                hash = (hash << 1) | (means[cell] < means[cell - 1] ? 1UL : 0);
            }
        }

        return hash;
    }

    /// <summary>Correlation of two grids, -1 to 1; 1 for grids that differ in brightness and contrast alone.</summary>
    public static double Correlation(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        long sumA = 0, sumB = 0, sumAA = 0, sumBB = 0, sumAB = 0;
        for (int i = 0; i < GridLength; i++)
        {
            (sumA, sumB) = (sumA + a[i], sumB + b[i]);
            (sumAA, sumBB, sumAB) = (sumAA + a[i] * a[i], sumBB + b[i] * b[i], sumAB + a[i] * b[i]);
        }

        double varianceA = GridLength * (double)sumAA - (double)sumA * sumA, varianceB = GridLength * (double)sumBB - (double)sumB * sumB;
        return varianceA <= 0 || varianceB <= 0 ? 0 : (GridLength * (double)sumAB - (double)sumA * sumB) / Math.Sqrt(varianceA * varianceB);
    }

    private static void Means<T>(ReadOnlySpan<T> pixels, Image image, Span<float> means) where T : unmanaged, INumberBase<T>
    {
        bool isColour = image.Channels >= 3;
        for (int row = 0; row < Rows; row++)
        {
            (int top, int bottom) = Edges(row, Rows, image.Height);
            for (int column = 0; column < Columns; column++)
            {
                (int left, int right) = Edges(column, Columns, image.Width);
                float sum = 0;
                for (int y = top; y < bottom; y++)
                {
                    ReadOnlySpan<T> line = pixels.Slice((y * image.Width + left) * image.Channels, (right - left) * image.Channels);
                    for (int i = 0; i < line.Length; i += image.Channels)
                    {
                        sum += isColour
                            ? 0.299f * float.CreateTruncating(line[i]) + 0.587f * float.CreateTruncating(line[i + 1])
                                + 0.114f * float.CreateTruncating(line[i + 2])
                            : float.CreateTruncating(line[i]);
                    }
                }

                means[row * Columns + column] = sum / ((right - left) * (bottom - top));
            }
        }
    }

    private static (int From, int To) Edges(int cell, int cells, int length)
    {
        int from = (int)((long)cell * length / cells);
        return (from, Math.Max(from + 1, (int)((long)(cell + 1) * length / cells)));
    }

    private static void Quantise(ReadOnlySpan<float> means, Span<byte> grid)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float mean in means)
        {
            (low, high) = (Math.Min(low, mean), Math.Max(high, mean));
        }

        float scale = high > low ? 255 / (high - low) : 0;
        for (int i = 0; i < GridLength; i++)
        {
            grid[i] = (byte)((means[i] - low) * scale + 0.5f);
        }
    }
}
