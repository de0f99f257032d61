using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>The square of a clip in which most happens, the same in all its frames (after the motion-focused clips of Li et al. 2021, arXiv 2201.04029).</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Side">Columns and rows.</param>
internal readonly record struct MotionWindow(int Left, int Top, int Side)
{
    /// <summary>The square around the mean place of the changes, weighted by their squares, moved into the picture where it would lie outside.</summary>
    /// <param name="changes">Grey, of one size; where nothing changes in any, the middle of the picture is taken.</param>
    /// <param name="still">The level that means no change.</param>
    /// <param name="part">Side of the square as a part of the short side, above 0 and at most 1.</param>
    internal static MotionWindow Around(Image[] changes, byte still, double part)
    {
        var (x, y) = Middle(changes, still);
        int width = changes[0].Width, height = changes[0].Height;
        int side = Math.Max(1, (int)Math.Round(part * Math.Min(width, height)));
        return new(Start(x, width), Start(y, height), side);

        int Start(double middle, int length) => (int)Math.Clamp(Math.Floor(middle - side / 2.0), 0, length - side);
    }

    /// <summary>The part of a frame, 8 bits, that lies in the window.</summary>
    internal Image Cut(Image frame)
    {
        int rowLength = Side * frame.Channels;
        var pixels = new byte[Side * rowLength];
        for (int row = 0; row < Side; row++)
        {
            frame.Bytes.Slice(((Top + row) * frame.Width + Left) * frame.Channels, rowLength).CopyTo(pixels.AsSpan(row * rowLength));
        }
        return new(Side, Side, frame.Channels, pixels);
    }

    private static (double X, double Y) Middle(Image[] changes, byte still)
    {
        int width = changes[0].Width, height = changes[0].Height;
        double sum = 0, xSum = 0, ySum = 0;
        foreach (var change in changes)
        {
            for (int y = 0; y < height; y++)
            {
                var row = change.Bytes.Slice(y * width, width);
                long rowSum = 0, rowMoment = 0;
                for (int x = 0; x < row.Length; x++)
                {
                    int level = row[x] - still, weight = level * level;
                    rowSum += weight;
                    rowMoment += (long)weight * x;
                }
                sum += rowSum;
                xSum += rowMoment;
                ySum += (double)rowSum * y;
            }
        }
        return sum > 0 ? (xSum / sum + 0.5, ySum / sum + 0.5) : (width / 2.0, height / 2.0);
    }
}
