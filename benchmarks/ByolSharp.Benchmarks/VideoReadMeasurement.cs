using System.Diagnostics;
using System.Globalization;
using ByolSharp.Video;

namespace ByolSharp.Benchmarks;

/// <summary>
/// Frames a second of the video reader beside those of plain ffmpeg: every file is read whole by each in turn, in one process and one at a time, after both have read it
/// once. Who begins changes from file to file.
/// </summary>
internal static class VideoReadMeasurement
{
    private const int MostFiles = 100;

    internal static void Run(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*.mp4", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        if (files.Length == 0)
        {
            Console.Error.WriteLine($"{folder} holds no mp4 files");
            Environment.ExitCode = 2;
            return;
        }
        files = [.. Enumerable.Range(0, Math.Min(MostFiles, files.Length)).Select(i => files[(int)((long)i * files.Length / Math.Min(MostFiles, files.Length))])];
        using var videos = VideoSources.OpenFiles(files);
        using var unknown = VideoSources.OpenFiles(files);
        (string Name, Func<int, int> Read)[] readers =
        [
            ("plain ffmpeg", i => Plain(files[i], videos.FactsOf(i))),
            ("reader", i => Whole(videos, i)),
            ("reader, with its facts", i => Whole(unknown, i)),
        ];
        var times = readers.Select(_ => new double[files.Length]).ToArray();
        long frames = 0;
        for (int i = 0; i < files.Length; i++)
        {
            frames += Whole(videos, i);
            Plain(files[i], videos.FactsOf(i));
            for (int turn = 0; turn < readers.Length; turn++)
            {
                int reader = (i + turn) % readers.Length;
                long began = Stopwatch.GetTimestamp();
                int read = readers[reader].Read(i);
                times[reader][i] = Stopwatch.GetElapsedTime(began).TotalSeconds / read;
            }
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} files, {frames} frames"));
        foreach (var (reader, perFrame) in readers.Zip(times))
        {
            double[] ratios = [.. perFrame.Zip(times[0], (own, plain) => own / plain)];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{reader.Name,-24} {1 / Median(perFrame),8:N0} frames/s (median over files), {Median(ratios):0.00} of plain ffmpeg's time"));
        }
    }

    private static int Whole(VideoDataset videos, int index) => videos.Read(index, new(0, 1, videos.FactsOf(index).FrameCount)).Length;

    private static int Plain(string file, VideoFacts facts)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", "-threads", "1", "-i", file, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]) { RedirectStandardOutput = true })!;
        var buffer = new byte[1 << 20];
        long bytes = 0;
        for (int read; (read = ffmpeg.StandardOutput.BaseStream.Read(buffer)) > 0; bytes += read) { }
        ffmpeg.WaitForExit();
        return (int)(bytes / (3L * facts.Width * facts.Height));
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
