using System.Diagnostics;
using ByolSharp.Images;
using ByolSharp.Video;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Tests.Video;

/// <summary>Videos that ffmpeg makes for a test, whose frame n is a grey of luma 16 + 3 n; the test is skipped where ffmpeg is absent.</summary>
internal static class Films
{
    private const int Black = 16, Step = 3;
    private const double LumaOfGrey = 219.0 / 255;

    /// <summary>A film of grey frames.</summary>
    /// <param name="path">Its file; the ending decides the format.</param>
    /// <param name="frames">Frames, at most 60.</param>
    /// <param name="options">More for ffmpeg, before the file.</param>
    /// <param name="filters">More filters, each after a comma.</param>
    /// <param name="size">Width x height.</param>
    public static string Make(string path, int frames, string options = "", string filters = "", string size = "64x48")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Run($"-f lavfi -i color=black:s={size}:r=12,geq=lum={Black}+{Step}*N:cb=128:cr=128{filters} -frames:v {frames} -pix_fmt yuv420p {options} {path}");
        return path;
    }

    /// <summary>Runs ffmpeg, for files that a test needs.</summary>
    public static void Run(string arguments)
    {
        Assert.SkipUnless(VideoTools.Version is not null, "ffmpeg is not installed");
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", $"-v error -nostdin -y {arguments}") { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }

    /// <summary>The numbers that decoded frames show.</summary>
    public static int[] Numbers(IEnumerable<Image> frames) =>
        [.. frames.Select(frame => (int)Math.Round(Average(frame) * LumaOfGrey / Step))];

    /// <summary>Frames of a file by number.</summary>
    public static int[] Numbers(string file, FrameRange range)
    {
        var decoder = new VideoDecoder();
        var facts = decoder.Probe($"file:{file}");
        return Numbers(decoder.Read($"file:{file}", facts, range));
    }

    private static double Average(Image frame)
    {
        double sum = 0;
        foreach (byte value in frame.Bytes)
        {
            sum += value;
        }
        return sum / frame.Bytes.Length;
    }
}
