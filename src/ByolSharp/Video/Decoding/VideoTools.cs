using System.Diagnostics;

namespace ByolSharp.Video.Decoding;

/// <summary>
/// ffmpeg and ffprobe, which decode videos as processes of their own: any release since 5 will do, and a file that breaks the decoder breaks
/// nothing else.
/// </summary>
public static class VideoTools
{
    private static readonly Lazy<string?> _version = new(ReadVersion);

    /// <summary>The release of the ffmpeg on the search path, such as <c>5.1.9</c>; null where ffmpeg or ffprobe is not there.</summary>
    public static string? Version => _version.Value;

    /// <summary>How to get them, for messages.</summary>
    public static string HowToInstall =>
        OperatingSystem.IsMacOS() ? "brew install ffmpeg"
        : OperatingSystem.IsWindows() ? "winget install ffmpeg"
        : "apt-get install ffmpeg (Debian, Ubuntu), dnf install ffmpeg-free (Fedora)";

    /// <summary>Throws where videos cannot be decoded.</summary>
    /// <exception cref="ConfigurationException">ffmpeg or ffprobe is not on the search path; the message says how to install them.</exception>
    public static void Require()
    {
        if (Version is null)
        {
            throw new ConfigurationException($"videos are decoded by ffmpeg and ffprobe, which are not on the search path: {HowToInstall}.");
        }
    }

    private static string? ReadVersion()
    {
        try
        {
            string[] first = [.. new[] { "ffprobe", "ffmpeg" }.Select(FirstLine)];
            string[] words = first[1].Split(' ');
            return first.All(line => line.Contains(" version ", StringComparison.Ordinal)) ? words[2] : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // no such program
        }
    }

    private static string FirstLine(string tool)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, "-version") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output.Split('\n')[0];
    }
}
