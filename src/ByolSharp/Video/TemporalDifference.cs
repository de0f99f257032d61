using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Turns a clip into what changes in it, which takes its colours and still backgrounds away.</summary>
internal static class TemporalDifference
{
    private const int Middle = 128, Channels = 3;

    /// <summary>Frame t becomes middle grey plus half of what is lighter in frame t + 1; the last frame repeats the one before. A clip of one frame stays.</summary>
    /// <param name="frames">RGB, 8 bits, all of one size.</param>
    internal static Image[] Apply(Image[] frames)
    {
        if (frames.Length == 1)
        {
            return frames;
        }
        byte[][] grey = [.. frames.Select(frame => ImageChannels.Convert(frame, 1).Bytes.ToArray())];
        Image[] changes = [.. grey.Zip(grey.Skip(1)).Select(pair => Between(pair.First, pair.Second, frames[0]))];
        return [.. changes, changes[^1]];
    }

    private static Image Between(byte[] before, byte[] after, Image size)
    {
        var pixels = new byte[before.Length * Channels];
        for (int i = 0; i < before.Length; i++)
        {
            pixels.AsSpan(Channels * i, Channels).Fill((byte)(Middle + (after[i] - before[i]) / 2));
        }
        return new(size.Width, size.Height, Channels, pixels);
    }
}
