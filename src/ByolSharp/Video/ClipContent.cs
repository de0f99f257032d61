using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>What is shown of a clip before it is cropped and coloured: its colours or its changes, all of the picture or where most happens.</summary>
internal static class ClipContent
{
    private const int Channels = 3;

    /// <summary>Takes it from decoded frames; a single frame stays as it is.</summary>
    /// <param name="frames">RGB, 8 bits, all of one size.</param>
    /// <param name="options">Reach and levels of changes, part of the picture.</param>
    /// <param name="isDifference">Changes instead of colours.</param>
    /// <returns>As many frames, RGB.</returns>
    internal static Image[] Of(Image[] frames, VideoOptions options, bool isDifference)
    {
        bool isCut = options.MotionWindow < 1;
        if (frames.Length == 1 || !isDifference && !isCut)
        {
            return frames;
        }
        var changes = TemporalDifference.Apply(frames, options.DifferenceReach);
        byte still = TemporalDifference.StillLevel(options.DifferenceReach);
        var shown = isDifference ? changes : frames;
        if (isCut)
        {
            var window = MotionWindow.Around(changes, still, options.MotionWindow);
            shown = [.. shown.Select(window.Cut)];
        }
        if (isDifference)
        {
            shown = ChangeLevels.Apply(shown, still, options);
        }
        return [.. shown.Select(frame => ImageChannels.Convert(frame, Channels))];
    }
}
