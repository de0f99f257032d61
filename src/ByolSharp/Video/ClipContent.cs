using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>What is shown of a clip before it is cropped and coloured: its colours or its changes, all of the picture or where most happens.</summary>
internal static class ClipContent
{
    /// <summary>Reads a clip as it is shown; a single frame stays as it is.</summary>
    /// <param name="videos">The data set.</param>
    /// <param name="index">The video.</param>
    /// <param name="range">Frames of the clip.</param>
    /// <param name="options">Reach and levels of changes, part of the picture.</param>
    /// <param name="isDifference">Changes instead of colours.</param>
    /// <returns>As many frames, RGB or, of changes, grey.</returns>
    /// <exception cref="UnreadableSampleException">No frame of the video can be decoded.</exception>
    internal static Image[] Read(VideoDataset videos, int index, FrameRange range, VideoOptions options, bool isDifference)
    {
        bool isCut = options.MotionWindow < 1;
        if (range.Count == 1 || !isDifference && !isCut)
        {
            return videos.Read(index, range);
        }
        var changes = videos.ReadChanges(index, range, options.DifferenceReach);
        byte still = TemporalDifference.StillLevel(options.DifferenceReach);
        var shown = isDifference ? changes : videos.Read(index, range);
        if (isCut)
        {
            var window = MotionWindow.Around(changes, still, options.MotionWindow);
            shown = [.. shown.Select(window.Cut)];
        }
        return isDifference ? ChangeLevels.Apply(shown, still, options) : shown;
    }
}
