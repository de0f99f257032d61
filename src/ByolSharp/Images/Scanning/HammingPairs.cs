using System.Numerics;

namespace ByolSharp.Images.Scanning;

/// <summary>
/// Finds all pairs of 64-bit hashes that differ in few bits without comparing all with all: cut into limit + 1 bands, two such
/// hashes agree in at least one band (pigeonhole), so only hashes that share a band are compared.
/// </summary>
internal static class HammingPairs
{
    /// <summary>Calls back once for each pair i &lt; j at a distance of at most the limit.</summary>
    /// <param name="hashes">The hashes; equal ones count as pairs too.</param>
    /// <param name="limit">The largest distance, 0 to 15.</param>
    /// <param name="found">Gets i and j.</param>
    /// <param name="cancellation">Stops the search.</param>
    public static void Find(ReadOnlySpan<ulong> hashes, int limit, Action<int, int> found, CancellationToken cancellation = default)
    {
        int bands = limit + 1;
        var keys = new ulong[hashes.Length];
        var order = new int[hashes.Length];
        for (int band = 0; band < bands; band++)
        {
            ulong mask = Mask(band, bands);
            for (int i = 0; i < order.Length; i++)
            {
                (keys[i], order[i]) = (hashes[i] & mask, i);
            }

            Array.Sort(keys, order);
            for (int start = 0, end; start < keys.Length; start = end)
            {
                cancellation.ThrowIfCancellationRequested();
                for (end = start + 1; end < keys.Length && keys[end] == keys[start];)
                {
                    end++;
                }

                Compare(hashes, order.AsSpan(start, end - start), band, bands, found);
            }
        }
    }

    private static void Compare(ReadOnlySpan<ulong> hashes, ReadOnlySpan<int> bucket, int band, int bands, Action<int, int> found)
    {
        for (int a = 0; a < bucket.Length; a++)
        {
            ulong hash = hashes[bucket[a]];
            for (int b = a + 1; b < bucket.Length; b++)
            {
                ulong difference = hash ^ hashes[bucket[b]];
                if (BitOperations.PopCount(difference) < bands && IsFirstShared(difference, band, bands))
                {
                    found(Math.Min(bucket[a], bucket[b]), Math.Max(bucket[a], bucket[b]));
                }
            }
        }
    }

    /// <summary>A pair that shares several bands is reported in the first of them only.</summary>
    private static bool IsFirstShared(ulong difference, int band, int bands)
    {
        for (int earlier = 0; earlier < band; earlier++)
        {
            if ((difference & Mask(earlier, bands)) == 0)
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Mask(int band, int bands)
    {
        (int from, int to) = (64 * band / bands, 64 * (band + 1) / bands);
        return (to == 64 ? ulong.MaxValue : (1UL << to) - 1) & ~((1UL << from) - 1);
    }
}
