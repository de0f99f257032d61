using System.Globalization;
using System.Text.Json;

namespace ByolSharp.Video.Decoding;

/// <summary>Asks ffprobe for the facts of a video; only headers are read, unless the file does not say how long it is.</summary>
internal static class VideoProbe
{
    /// <summary>Files that claim a higher one count in other units than frames.</summary>
    internal const double HighestRate = 1000;

    private const double UsualRate = 25;

    /// <summary>The facts of a video.</summary>
    /// <param name="source">Where it is, as ffmpeg names it.</param>
    /// <param name="maxPixels">The most pixels of a frame.</param>
    /// <exception cref="UnreadableSampleException">It is no video, or its frames are too large.</exception>
    internal static VideoFacts Run(string source, long maxPixels)
    {
        using var answer = Ask(source, "stream=width,height,avg_frame_rate,r_frame_rate,nb_frames,duration:format=duration");
        var stream = answer.RootElement.GetProperty("streams")[0];
        long width = Number(stream, "width"), height = Number(stream, "height");
        if (width * height > maxPixels)
        {
            throw new UnreadableSampleException(FormattableString.Invariant(
                $"too large: {width} x {height} pixels, the limit is {maxPixels:N0} (data.maxPixels)"));
        }
        var (numerator, denominator) = RateOf(stream);
        double seconds = Seconds(stream) ?? Seconds(answer.RootElement.GetProperty("format")) ?? CountedSeconds(source, numerator, denominator);
        return VideoFacts.Of(numerator, denominator, seconds, (int)width, (int)height);
    }

    private static JsonDocument Ask(string source, string entries, params string[] more)
    {
        // V, not v: the cover picture of a song is no video.
        string[] arguments = [.. SourceArguments, "-select_streams", "V:0", .. more, "-show_entries", entries, "-of", "json", "-i", source];
        var (answer, error) = ToolProcess.Read("ffprobe", arguments, Parse);
        if (answer is not null && answer.RootElement.TryGetProperty("streams", out var streams) && streams.GetArrayLength() > 0)
        {
            return answer;
        }
        bool isMedia = answer?.RootElement.TryGetProperty("format", out _) == true;
        answer?.Dispose();
        throw new UnreadableSampleException(isMedia ? "holds no video stream" : DecoderMessage.Of(source, error ?? "is empty or no video"));
    }

    /// <summary>What both tools are told first: say errors alone, and follow no address that a file names.</summary>
    internal static string[] SourceArguments => ["-v", "error", "-protocol_whitelist", "file,subfile"];

    private static JsonDocument? Parse(Stream output)
    {
        try
        {
            return JsonDocument.Parse(output);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double CountedSeconds(string source, int numerator, int denominator)
    {
        using var answer = Ask(source, "stream=nb_read_packets", "-count_packets");
        return (double)Number(answer.RootElement.GetProperty("streams")[0], "nb_read_packets") * denominator / numerator;
    }

    private static (int Numerator, int Denominator) RateOf(JsonElement stream)
    {
        foreach (string name in new[] { "avg_frame_rate", "r_frame_rate" })
        {
            string[] parts = (Text(stream, name) ?? "").Split('/');
            if (parts.Length == 2 && int.TryParse(parts[0], out int numerator) && int.TryParse(parts[1], out int denominator)
                && numerator > 0 && denominator > 0 && (double)numerator / denominator <= HighestRate)
            {
                return (numerator, denominator);
            }
        }
        return ((int)UsualRate, 1);
    }

    private static double? Seconds(JsonElement element) =>
        double.TryParse(Text(element, "duration"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds > 0 ? seconds : null;

    private static long Number(JsonElement element, string name) => long.TryParse(Text(element, name), out long number) ? number : 0;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;
}
