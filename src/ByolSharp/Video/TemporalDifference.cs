using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Turns a clip into what changes in it, which takes its colours and still backgrounds away.</summary>
internal static class TemporalDifference
{
    private const int Middle = 128;

    /// <summary>
    /// Frame t becomes what changes until frame t + 1; the last frame repeats the one before. With a reach of 0 that is middle grey plus half of what gets lighter;
    /// otherwise it is the <see cref="BlockMatching.Residual"/>, black where nothing changes.
    /// </summary>
    /// <param name="frames">Two or more, RGB, 8 bits, all of one size.</param>
    /// <param name="reach">Pixels within which what has merely moved has not changed.</param>
    /// <returns>As many frames of grey.</returns>
    internal static Image[] Apply(Image[] frames, int reach)
    {
        var grey = frames.Select(frame => ImageChannels.Convert(frame, 1)).ToArray();
        Image[] changes = [.. grey.Zip(grey.Skip(1), (before, after) => Between(before, after, reach))];
        return [.. changes, changes[^1]];
    }

    /// <summary>What changes from one frame of grey to another.</summary>
    internal static Image Between(Image before, Image after, int reach) =>
        new(before.Width, before.Height, 1, reach == 0 ? Plain(before.Bytes, after.Bytes) : BlockMatching.Residual(before.Bytes, after.Bytes, before.Width, reach));

    /// <summary>The level of a pixel that does not change.</summary>
    internal static byte StillLevel(int reach) => reach == 0 ? (byte)Middle : (byte)0;

    private static byte[] Plain(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        var change = new byte[before.Length];
        for (int i = 0; i < change.Length; i++)
        {
            change[i] = (byte)(Middle + (after[i] - before[i]) / 2);
        }
        return change;
    }
}
