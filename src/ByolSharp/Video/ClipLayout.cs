namespace ByolSharp.Video;

/// <summary>The order of a clip's values, as 3-D convolutions take them: channel, frame, row, column.</summary>
internal static class ClipLayout
{
    /// <summary>Puts a frame into its place in a clip.</summary>
    /// <param name="frame">[channels, height, width].</param>
    /// <param name="number">Which frame, from 0.</param>
    /// <param name="count">Frames of the clip.</param>
    /// <param name="channels">Channels of both.</param>
    /// <param name="clip">[channels, count, height, width].</param>
    internal static void Put(ReadOnlySpan<float> frame, int number, int count, int channels, Span<float> clip)
    {
        int plane = frame.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            frame.Slice(c * plane, plane).CopyTo(clip[((c * count + number) * plane)..]);
        }
    }

    /// <summary>Takes a frame out of a clip; the reverse of <see cref="Put"/>.</summary>
    /// <param name="clip">[channels, count, height, width].</param>
    /// <param name="number">Which frame, from 0.</param>
    /// <param name="count">Frames of the clip.</param>
    /// <param name="channels">Channels of both.</param>
    /// <param name="frame">[channels, height, width].</param>
    internal static void Take(ReadOnlySpan<float> clip, int number, int count, int channels, Span<float> frame)
    {
        int plane = frame.Length / channels;
        for (int c = 0; c < channels; c++)
        {
            clip.Slice((c * count + number) * plane, plane).CopyTo(frame[(c * plane)..]);
        }
    }
}
