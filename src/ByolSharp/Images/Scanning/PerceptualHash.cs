using System.Numerics;

namespace ByolSharp.Images.Scanning;

/// <summary>
/// What a picture looks like in a few bytes: a grid of 9 x 8 mean brightnesses, and 64 bits that say where it gets darker from left
/// to right (difference hash). Scaling, recompression and small changes of brightness leave nearly all bits as they are.
/// </summary>
internal static class PerceptualHash
{
    private const int Columns = 9, Rows = 8;

    /// <summary>What counts as darker, as a part of the range from the darkest to the brightest cell: above rounding.</summary>
    private const float LeastStep = 1e-3f;

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

        float step = Quantise(means, grid) * LeastStep;
        ulong hash = 0;
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 1; column < Columns; column++)
            {
                int cell = row * Columns + column;
                hash = (hash << 1) | (means[cell] < means[cell - 1] - step ? 1UL : 0);
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

    /// <summary>
    /// Cells share the pixels on their borders by area: with whole pixels, cells of small images would shift by a part of their size as soon as an
    /// image is scaled.
    /// </summary>
    private static void Means<T>(ReadOnlySpan<T> pixels, Image image, Span<float> means) where T : unmanaged, INumberBase<T>
    {
        means.Clear();
        Span<double> line = stackalloc double[Columns];
        var sums = new double[image.Width + 1]; // of the pixels before
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<T> values = pixels.Slice(y * image.Width * image.Channels, image.Width * image.Channels);
            for (int x = 0; x < image.Width; x++)
            {
                sums[x + 1] = sums[x] + Brightness(values.Slice(x * image.Channels, image.Channels));
            }

            for (int column = 0; column < Columns; column++)
            {
                line[column] = (SumUntil(sums, column + 1) - SumUntil(sums, column)) * Columns / image.Width;
            }

            AddToRows(line, y, image.Height, means);
        }
    }

    private static float Brightness<T>(ReadOnlySpan<T> pixel) where T : unmanaged, INumberBase<T> => pixel.Length >= 3
        ? 0.299f * float.CreateTruncating(pixel[0]) + 0.587f * float.CreateTruncating(pixel[1]) + 0.114f * float.CreateTruncating(pixel[2])
        : float.CreateTruncating(pixel[0]);

    /// <summary>The sum left of a column, whose border may lie within a pixel.</summary>
    private static double SumUntil(double[] sums, int column)
    {
        int width = sums.Length - 1;
        (int whole, int ninths) = int.DivRem(column * width, Columns);
        return ninths == 0 ? sums[whole] : sums[whole] + (sums[whole + 1] - sums[whole]) * ninths / Columns;
    }

    /// <summary>Adds a line of pixels to the rows that it lies in, by the part of each that it covers.</summary>
    private static void AddToRows(ReadOnlySpan<double> line, int y, int height, Span<float> means)
    {
        int from = y * Rows, to = from + Rows; // in eighths of a pixel, in which a row is as high as the image has pixels
        for (int row = from / height; row * height < to; row++)
        {
            double part = (Math.Min(to, (row + 1) * height) - Math.Max(from, row * height)) / (double)height;
            for (int column = 0; column < Columns; column++)
            {
                means[row * Columns + column] += (float)(part * line[column]);
            }
        }
    }

    /// <summary>Stretches the cells to 0 to 255 and gives their range, 0 for a plain image.</summary>
    private static float Quantise(ReadOnlySpan<float> means, Span<byte> grid)
    {
        (float low, float high) = (float.PositiveInfinity, float.NegativeInfinity);
        foreach (float mean in means)
        {
            (low, high) = (Math.Min(low, mean), Math.Max(high, mean));
        }

        float range = high - low > 1e-5f * Math.Max(Math.Abs(low), Math.Abs(high)) ? high - low : 0, scale = range > 0 ? 255 / range : 0;
        for (int i = 0; i < GridLength; i++)
        {
            grid[i] = (byte)((means[i] - low) * scale + 0.5f);
        }

        return range;
    }
}
