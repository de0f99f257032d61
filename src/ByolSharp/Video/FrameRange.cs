namespace ByolSharp.Video;

/// <summary>Frames of a video at equal distances.</summary>
/// <param name="First">The first one, from 0.</param>
/// <param name="Stride">From one to the next, 1 or more.</param>
/// <param name="Count">How many, 1 or more.</param>
public readonly record struct FrameRange(int First, int Stride, int Count)
{
    /// <summary>Frames of the video from the first one to the end of the last one's stride.</summary>
    public int Span => Stride * Count;
}
