namespace ByolSharp.Video;

/// <summary>
/// What a video says of itself. Its frames are counted on an even grid of its mean rate: frame i is what a player shows in the middle of the
/// i-th interval, so a video of a constant rate has exactly its own frames, and one of a varying rate is sampled evenly in time.
/// </summary>
/// <param name="RateNumerator">Frames in <paramref name="RateDenominator"/> seconds.</param>
/// <param name="RateDenominator">Seconds.</param>
/// <param name="FrameCount">Frames on the grid, at least 1.</param>
/// <param name="Width">Pixels a row as they are stored; a rotation may follow.</param>
/// <param name="Height">Rows, likewise.</param>
public readonly record struct VideoFacts(int RateNumerator, int RateDenominator, int FrameCount, int Width, int Height)
{
    /// <summary>Facts of a video that is so many seconds long.</summary>
    internal static VideoFacts Of(int rateNumerator, int rateDenominator, double seconds, int width, int height) =>
        new(rateNumerator, rateDenominator, (int)Math.Clamp(Math.Round(seconds * rateNumerator / rateDenominator), 1, int.MaxValue), width, height);

    /// <summary>Frames a second.</summary>
    public double Rate => (double)RateNumerator / RateDenominator;

    /// <summary>The moment at which a frame is looked at, in seconds from the start.</summary>
    public double TimeOf(int frame) => (frame + 0.5) / Rate;
}
