using System.Numerics;

namespace ByolSharp.Video;

/// <summary>
/// What a frame shows that the next one does not show near the same place: the motion-compensated difference of video coding, for every pixel. A plain difference
/// is mostly the edges of whatever a camera, or a body that sways as a whole, moves by a pixel; here they are gone, and what moves farther stays.
/// </summary>
internal static class BlockMatching
{
    /// <summary>Pixels of a block to each side of its middle.</summary>
    private const int Radius = 1;
    private const int BlockPixels = (2 * Radius + 1) * (2 * Radius + 1);

    /// <summary>
    /// The mean absolute difference between the block of 3 x 3 pixels around each pixel and the most similar block of the next frame that lies at most
    /// <paramref name="reach"/> pixels away in each direction. Outside a frame its border goes on.
    /// </summary>
    /// <param name="frame">[height, width] of grey.</param>
    /// <param name="next">The frame after it, of the same size.</param>
    /// <param name="width">Columns of both.</param>
    /// <param name="reach">0 or more.</param>
    /// <returns>[height, width], 0 where nothing changed.</returns>
    internal static byte[] Residual(ReadOnlySpan<byte> frame, ReadOnlySpan<byte> next, int width, int reach)
    {
        int height = frame.Length / width, stride = width + 2 * Radius;
        var here = WithBorder(frame, width, Radius);
        var there = WithBorder(next, width, Radius + reach);
        var least = new ushort[frame.Length];
        least.AsSpan().Fill(ushort.MaxValue);
        var difference = new ushort[(height + 2 * Radius) * stride];
        var columnSums = new ushort[stride];
        for (int y = 0; y <= 2 * reach; y++)
        {
            for (int x = 0; x <= 2 * reach; x++)
            {
                for (int row = 0; row < height + 2 * Radius; row++)
                {
                    Distance(here.AsSpan(row * stride, stride), there.AsSpan((row + y) * (stride + 2 * reach) + x, stride), difference.AsSpan(row * stride, stride));
                }
                for (int row = 0; row < height; row++)
                {
                    SumOfThree(difference.AsSpan(row * stride), stride, columnSums, stride);
                    KeepLeastOfThree(columnSums, least.AsSpan(row * width, width));
                }
            }
        }
        var residual = new byte[frame.Length];
        for (int i = 0; i < residual.Length; i++)
        {
            residual[i] = (byte)((least[i] + BlockPixels / 2) / BlockPixels);
        }
        return residual;
    }

    private static ushort[] WithBorder(ReadOnlySpan<byte> frame, int width, int border)
    {
        int height = frame.Length / width, stride = width + 2 * border;
        var bordered = new ushort[(height + 2 * border) * stride];
        for (int y = 0; y < height + 2 * border; y++)
        {
            var from = frame.Slice(Math.Clamp(y - border, 0, height - 1) * width, width);
            var to = bordered.AsSpan(y * stride, stride);
            to[..border].Fill(from[0]);
            for (int x = 0; x < width; x++)
            {
                to[border + x] = from[x];
            }
            to[(border + width)..].Fill(from[^1]);
        }
        return bordered;
    }

    private static void Distance(ReadOnlySpan<ushort> a, ReadOnlySpan<ushort> b, Span<ushort> distance)
    {
        int i = 0;
        for (; i <= distance.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            Vector<ushort> left = new(a[i..]), right = new(b[i..]);
            (Vector.Max(left, right) - Vector.Min(left, right)).CopyTo(distance[i..]);
        }
        for (; i < distance.Length; i++)
        {
            distance[i] = (ushort)Math.Abs(a[i] - b[i]);
        }
    }

    /// <summary>Each value with those one and two steps behind it.</summary>
    private static void SumOfThree(ReadOnlySpan<ushort> values, int step, Span<ushort> sums, int count)
    {
        int i = 0;
        for (; i <= count - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            (new Vector<ushort>(values[i..]) + new Vector<ushort>(values[(i + step)..]) + new Vector<ushort>(values[(i + 2 * step)..])).CopyTo(sums[i..]);
        }
        for (; i < count; i++)
        {
            sums[i] = (ushort)(values[i] + values[i + step] + values[i + 2 * step]);
        }
    }

    private static void KeepLeastOfThree(ReadOnlySpan<ushort> columnSums, Span<ushort> least)
    {
        int i = 0;
        for (; i <= least.Length - Vector<ushort>.Count; i += Vector<ushort>.Count)
        {
            var sum = new Vector<ushort>(columnSums[i..]) + new Vector<ushort>(columnSums[(i + 1)..]) + new Vector<ushort>(columnSums[(i + 2)..]);
            Vector.Min(new Vector<ushort>(least[i..]), sum).CopyTo(least[i..]);
        }
        for (; i < least.Length; i++)
        {
            least[i] = Math.Min(least[i], (ushort)(columnSums[i] + columnSums[i + 1] + columnSums[i + 2]));
        }
    }
}
