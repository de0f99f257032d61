using System.Collections.Concurrent;
using System.Runtime.Intrinsics;

namespace ByolSharp.Video;

/// <summary>
/// How far a moving camera moved the picture between two frames, to a whole pixel: where the frames differ least over the whole picture, so that what moves by itself
/// has no say as long as it is the smaller part. Without it a panning camera, and not what is filmed, makes most of a temporal difference (Wang and Schmid 2013 take
/// it out of their descriptors for that reason).
/// </summary>
internal static class CameraShift
{
    /// <summary>Part of the short side that is looked at in each direction.</summary>
    private const int Reach = 24;
    private static readonly ConcurrentDictionary<int, (int X, int Y)[]> Candidates = new();

    /// <summary>The shift (x, y) for which <c>after[x + i, y + j]</c> is nearest to <c>before[i, j]</c>; of equal ones the shortest.</summary>
    /// <param name="before">A frame, [height, width] of grey.</param>
    /// <param name="after">A later one.</param>
    /// <param name="width">Columns of both.</param>
    internal static (int X, int Y) Between(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after, int width)
    {
        int height = before.Length / width, reach = Math.Min(width, height) / Reach;
        int rowStep = Math.Max(1, height / 48);
        var best = (X: 0, Y: 0);
        long least = long.MaxValue;
        foreach (var (x, y) in Candidates.GetOrAdd(reach, Nearest))
        {
            long distance = 0;
            for (int row = reach; row < height - reach && distance < least; row += rowStep)
            {
                distance += Distance(before.Slice(row * width + reach, width - 2 * reach), after.Slice((row + y) * width + reach + x, width - 2 * reach));
            }
            if (distance < least)
            {
                (least, best) = (distance, (x, y));
            }
        }
        return best;
    }

    /// <summary>All shifts that are looked at, short ones first.</summary>
    private static (int X, int Y)[] Nearest(int reach) =>
    [
        .. from y in Enumerable.Range(-reach, 2 * reach + 1)
        from x in Enumerable.Range(-reach, 2 * reach + 1)
        orderby x * x + y * y
        select (x, y),
    ];

    /// <summary>Sum of absolute differences.</summary>
    private static long Distance(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var sums = Vector256<uint>.Zero;
        int i = 0;
        for (; i + Vector256<byte>.Count <= a.Length; i += Vector256<byte>.Count)
        {
            Vector256<byte> left = Vector256.Create(a[i..]), right = Vector256.Create(b[i..]);
            var (low, high) = Vector256.Widen(Vector256.Max(left, right) - Vector256.Min(left, right));
            var (first, second) = Vector256.Widen(low + high);
            sums += first + second;
        }
        long sum = Vector256.Sum(sums);
        for (; i < a.Length; i++)
        {
            sum += Math.Abs(a[i] - b[i]);
        }
        return sum;
    }
}
