using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>What the headers of a data set's videos say; those that cannot be read are left out.</summary>
/// <param name="Readable">Videos whose headers can be read.</param>
/// <param name="Frames">Frames of a video.</param>
/// <param name="Seconds">Length of a video, rounded up.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="DecodedBytes">Memory that all frames take at full size.</param>
public sealed record VideoScanFacts(int Readable, SideSummary Frames, SideSummary Seconds, SideSummary Width, SideSummary Height, long DecodedBytes)
{
    private const int Channels = 3;

    /// <summary>Asks for the facts of every video; null where no header can be read.</summary>
    public static VideoScanFacts? Of(VideoDataset videos)
    {
        var all = new VideoFacts?[videos.Count];
        Parallel.For(0, videos.Count, new() { MaxDegreeOfParallelism = TorchRuntime.AvailableCores }, i =>
        {
            try
            {
                all[i] = videos.FactsOf(i);
            }
            catch (UnreadableSampleException)
            {
                // whoever decodes it says so
            }
        });
        VideoFacts[] facts = [.. all.OfType<VideoFacts>()];
        return facts.Length == 0 ? null : new(
            facts.Length, Summary(f => f.FrameCount), Summary(f => (int)Math.Ceiling(f.FrameCount / f.Rate)), Summary(f => f.Width), Summary(f => f.Height),
            facts.Sum(f => (long)Channels * f.FrameCount * f.Width * f.Height));

        SideSummary Summary(Func<VideoFacts, int> of) => SideSummary.Of(facts.Select(of))!;
    }
}
