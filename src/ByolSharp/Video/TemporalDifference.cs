using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Turns a clip into what changes in it, which takes its colours and still backgrounds away.</summary>
internal static class TemporalDifference
{
    private const int Middle = 128, Channels = 3;

    /// <summary>Frame t becomes middle grey plus half of what is lighter in frame t + 1; the last frame repeats the one before. A clip of one frame stays.</summary>
    /// <param name="frames">RGB, 8 bits, all of one size.</param>
    /// <param name="followsCamera">Frame t + 1 is first moved by what <see cref="CameraShift"/> finds; what comes into the picture has not changed then.</param>
    internal static Image[] Apply(Image[] frames, bool followsCamera)
    {
        if (frames.Length == 1)
        {
            return frames;
        }
        byte[][] grey = [.. frames.Select(frame => ImageChannels.Convert(frame, 1).Bytes.ToArray())];
        var size = frames[0];
        Image[] changes = [.. grey.Zip(grey.Skip(1)).Select(pair =>
            Between(pair.First, pair.Second, size, followsCamera ? CameraShift.Between(pair.First, pair.Second, size.Width) : (0, 0)))];
        return [.. changes, changes[^1]];
    }

    private static Image Between(byte[] before, byte[] after, Image size, (int X, int Y) shift)
    {
        var pixels = new byte[before.Length * Channels];
        pixels.AsSpan().Fill(Middle);
        var (width, height) = (size.Width, size.Height);
        for (int y = Math.Max(0, -shift.Y); y < Math.Min(height, height - shift.Y); y++)
        {
            for (int x = Math.Max(0, -shift.X); x < Math.Min(width, width - shift.X); x++)
            {
                int here = y * width + x, there = here + shift.Y * width + shift.X;
                pixels.AsSpan(Channels * here, Channels).Fill((byte)(Middle + (after[there] - before[here]) / 2));
            }
        }
        return new(width, height, Channels, pixels);
    }
}
