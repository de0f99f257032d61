using System.Globalization;
using ByolSharp.Images;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Video;

/// <summary>
/// Decodes clips of a video by ffmpeg: it goes to the key frame before the clip, so the rest of a file is never decoded. Rotation that the file
/// asks for is applied. Frames have 8 bits a channel, RGB. Safe to call from several threads; one call uses one thread.
/// </summary>
public sealed class VideoDecoder
{
    /// <summary>Other versions may make other frames of the same bytes. The first number is ours: raise it when our part changes what comes out.</summary>
    internal static string Version => $"1 ffmpeg {VideoTools.Version}";

    /// <summary>The most pixels that a frame may have; default 178,956,970.</summary>
    public long MaxPixels { get; init; } = 178_956_970;

    /// <summary>Short side that frames are reduced to, in pixels; smaller ones stay as they are. 0 (default): all do.</summary>
    public int ShortSide { get; init; }

    /// <summary>Reads the headers of a video.</summary>
    /// <param name="source">Where it is, as ffmpeg names it: <c>file:path</c> or a part of a file.</param>
    /// <exception cref="UnreadableSampleException">It is empty, broken or no video.</exception>
    /// <exception cref="ConfigurationException">ffmpeg is not installed.</exception>
    internal VideoFacts Probe(string source)
    {
        VideoTools.Require();
        return VideoProbe.Run(source, MaxPixels);
    }

    /// <summary>Decodes frames of a video; those behind its end repeat its last one.</summary>
    /// <param name="source">As for <see cref="Probe"/>.</param>
    /// <param name="facts">What <see cref="Probe"/> said.</param>
    /// <param name="range">Which frames.</param>
    /// <exception cref="UnreadableSampleException">No frame of it can be decoded.</exception>
    internal Image[] Read(string source, VideoFacts facts, FrameRange range)
    {
        int there = Math.Clamp((facts.FrameCount - range.First + range.Stride - 1) / range.Stride, 1, range.Count);
        var frames = Decode(source, facts, range with { Count = there }, out string? error);
        if (frames.Count == 0 && range.First > 0)
        {
            // The video is shorter than it says.
            frames = Decode(source, facts, new(0, range.Stride, there), out error);
        }
        return frames.Count > 0
            ? [.. frames, .. Enumerable.Repeat(frames[^1], range.Count - frames.Count)]
            : throw new UnreadableSampleException(error is null ? "holds no frames" : DecoderMessage.Of(source, error));
    }

    private List<Image> Decode(string source, VideoFacts facts, FrameRange range, out string? error)
    {
        (var frames, error) = ToolProcess.Read("ffmpeg", Arguments(source, facts, range), PixmapStream.Read);
        return frames;
    }

    /// <summary>
    /// Decoding starts at the key frame before the first frame's interval, and what it makes has times that count from there. They are moved by half
    /// an interval, in finer units since some formats count in whole intervals; then the filter takes at every multiple of the stride the last frame
    /// that has begun by then.
    /// </summary>
    private string[] Arguments(string source, VideoFacts facts, FrameRange range) =>
    [
        .. VideoProbe.SourceArguments, "-nostdin", "-threads", "1", "-max_pixels", Text(MaxPixels), "-noaccurate_seek", "-ss", (range.First / facts.Rate).ToString("0.######", CultureInfo.InvariantCulture),
        "-i", source, "-map", "0:V:0", "-frames:v", Text(range.Count), "-vf", Filters(facts, range.Stride), "-threads", "1", "-c:v", "ppm", "-f", "image2pipe", "-",
    ];

    private string Filters(VideoFacts facts, int stride)
    {
        string times = $"settb=1/1000000,setpts=PTS-{Text((long)Math.Round(0.5e6 / facts.Rate))},"
            + $"fps=fps={Text(facts.RateNumerator)}/{Text((long)facts.RateDenominator * stride)}:start_time=0:round=up";
        string side = Text(ShortSide);
        return ShortSide == 0 ? times : $"{times},scale='if(lt(iw,ih),min(iw,{side}),-1)':'if(lt(iw,ih),-1,min(ih,{side}))':flags=area";
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
