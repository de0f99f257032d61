using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>The levels at which the changes of one clip are shown: how far each lies from the level of no change, stretched and bent the same way in all frames.</summary>
internal static class ChangeLevels
{
    private const int Levels = 256;

    private const int LeastStretched = 4; // a clip that changes less is noise of its codec

    /// <summary>Stretches the distances until the share of all pixels is at the end of the range, then bends them.</summary>
    /// <param name="changes">Grey, 8 bits, all frames of a clip.</param>
    /// <param name="still">The level that means no change; it stays.</param>
    /// <param name="options">Saturation and gamma.</param>
    /// <returns>The same pictures where the options ask for nothing.</returns>
    internal static Image[] Apply(Image[] changes, byte still, VideoOptions options)
    {
        if (options is { DifferenceSaturation: 0, DifferenceGamma: 1 })
        {
            return changes;
        }
        int range = Levels - 1 - still; // as much below the still level as above it, or nothing
        int greatest = options.DifferenceSaturation > 0 ? Exceeded(changes, still, options.DifferenceSaturation) : range;
        var table = new byte[Levels];
        for (int level = 0; level < Levels; level++)
        {
            double stretched = range * Math.Pow(Math.Min(1, Math.Abs(level - still) / (double)greatest), options.DifferenceGamma);
            table[level] = (byte)(still + Math.Sign(level - still) * Math.Round(stretched));
        }
        return [.. changes.Select(change => Look(change, table))];
    }

    /// <summary>The distance from the still level that at most this share of all pixels exceeds.</summary>
    private static int Exceeded(Image[] changes, byte still, double share)
    {
        var counts = new long[Levels];
        long left = 0;
        foreach (var change in changes)
        {
            foreach (byte level in change.Bytes)
            {
                counts[Math.Abs(level - still)]++;
            }
            left += (long)(change.Bytes.Length * share);
        }
        int distance = Levels - 1;
        while (distance > LeastStretched && left >= counts[distance])
        {
            left -= counts[distance--];
        }
        return distance;
    }

    private static Image Look(Image change, byte[] table)
    {
        var levels = new byte[change.Bytes.Length];
        for (int i = 0; i < levels.Length; i++)
        {
            levels[i] = table[change.Bytes[i]];
        }
        return new(change.Width, change.Height, change.Channels, levels);
    }
}
