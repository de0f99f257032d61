namespace ByolSharp.Video;

/// <summary>Where clips begin.</summary>
internal static class ClipSampling
{
    /// <summary>A clip anywhere in the video, every start as likely (paper, section 3); one longer than the video begins at its start.</summary>
    internal static FrameRange Draw(ref SampleRandom random, VideoFacts facts, VideoOptions options)
    {
        int span = options.Frames * options.Stride;
        return new(random.NextInt(Math.Max(0, facts.FrameCount - span) + 1), options.Stride, options.Frames);
    }

    /// <summary>One of several clips that are spread evenly, the first at the start and the last at the end; a single one lies in the middle.</summary>
    /// <param name="facts">The video.</param>
    /// <param name="options">Length of a clip and number of clips.</param>
    /// <param name="number">Which clip, from 0.</param>
    internal static FrameRange Spread(VideoFacts facts, VideoOptions options, int number)
    {
        int last = Math.Max(0, facts.FrameCount - options.Frames * options.Stride);
        double place = options.EvalClips == 1 ? 0.5 : (double)number / (options.EvalClips - 1);
        return new((int)Math.Round(last * place), options.Stride, options.Frames);
    }
}
