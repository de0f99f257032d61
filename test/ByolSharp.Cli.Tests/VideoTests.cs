using System.Diagnostics;

namespace ByolSharp.Cli.Tests;

/// <summary>Videos through the tool, with films that ffmpeg makes; skipped where it is not installed.</summary>
public sealed class VideoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-video-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_training_is_reported_evaluated_and_beside_its_baselines()
    {
        string films = MakeFilms(), run = Of("run");
        var trained = ByolProcess.Run(["pretrain", films, .. Quick(run, steps: 3), "--eval-train", films, "--eval-test", films]);
        Assert.Equal(0, trained.ExitCode);

        Assert.Equal(0, ByolProcess.Run("report", run).ExitCode);
        string page = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.Contains("Frames of original videos above draws", page, StringComparison.Ordinal);
        Assert.Contains("--tile: 128px", page, StringComparison.Ordinal);
        Assert.Contains("12 in", page, StringComparison.Ordinal);

        foreach (string[] encoder in (string[][])[["--run", run], ["--pixels"], ["--frame-difference"]])
        {
            var outcome = ByolProcess.Run(["knn-eval", .. encoder, "--train", films, "--test", films, "--k", "3", "--json"]);
            Assert.Equal(0, outcome.ExitCode);
            Assert.Equal(12, outcome.Json["n_test"]!.GetValue<int>());
            Assert.Equal(1, outcome.Json["recall_20"]!.GetValue<double>());
        }
        var worth = ByolProcess.Run("worth", "--run", run, "--train", films, "--test", films, "--labels", "100%", "--seeds", "1", "--steps", "2", "--json");
        Assert.Equal(0, worth.ExitCode);
        Assert.Equal(["pixels", "random", "scratch", "frozen", "finetuned"], worth.Json["rungs"]!.AsArray().Select(rung => (string)rung!["rung"]!));
        var refused = ByolProcess.Run("knn-eval", "--frame-difference", "--train", "demo:train", "--test", "demo:test");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("take --pixels", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoder_of_clips_is_exported_as_ONNX()
    {
        string films = MakeFilms(), run = Of("run");
        Assert.Equal(0, ByolProcess.Run(["pretrain", films, .. Quick(run, steps: 2)]).ExitCode);

        var exported = ByolProcess.Run("export", "--run", run, "--format", "onnx", "--out", Of("encoder.onnx"), "--json");
        var copied = ByolProcess.Run("export", "--run", run, "--out", Of("copy.safetensors"), "--json");
        var asImages = ByolProcess.Run("export", "--run", run, "--format", "onnx", "--input", "float-nchw", "--out", Of("images.onnx"));

        Assert.Equal((0, 0, 2), (exported.ExitCode, copied.ExitCode, asImages.ExitCode));
        Assert.InRange(exported.Json["max_difference"]!.GetValue<double>(), 0, 1e-4);
        Assert.Equal(0, copied.Json["max_difference"]!.GetValue<double>());
        Assert.Contains("an encoder of videos takes clips", Assert.Single(asImages.ErrorLines), StringComparison.Ordinal);
    }

    [Fact]
    public void Films_are_embedded_at_the_size_to_which_training_reduced_them()
    {
        string run = Of("run");
        Directory.CreateDirectory(Of("sizes"));
        Ffmpeg($"-f lavfi -i testsrc2=s=144x96:r=12 -vf rotate=n/9 -frames:v 16 -c:v png -pix_fmt rgb24 {Of("sizes/large.mkv")}");
        Ffmpeg($"-i {Of("sizes/large.mkv")} -vf scale=72:48:flags=area -c:v png -pix_fmt rgb24 {Of("sizes/small.mkv")}");
        Assert.Equal(0, ByolProcess.Run(["pretrain", MakeFilms(), .. Quick(run, steps: 2), "--set", "data.decodeShortSide=48"]).ExitCode);

        Assert.Equal(0, ByolProcess.Run("embed", Of("sizes"), "--run", run, "--out", Of("sizes.csv")).ExitCode);

        string[][] rows = [.. File.ReadLines(Of("sizes.csv")).Skip(1).Select(line => line.Split(','))];
        Assert.Equal(["large.mkv", "small.mkv"], rows.Select(row => row[0]));
        Assert.Equal(rows[0][1..], rows[1][1..]);
    }

    [Fact]
    public void What_cannot_be_read_is_quarantined_and_a_film_of_hours_is_trained_on()
    {
        string films = MakeFilms();
        File.WriteAllBytes(Path.Combine(films, "run", "empty.mp4"), []);
        File.WriteAllBytes(Path.Combine(films, "run", "noise.mp4"), [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 31))]);
        Ffmpeg($"-f lavfi -i sine=duration=1 -c:a aac {Path.Combine(films, "walk", "song.mp4")}");
        Ffmpeg($"-f lavfi -i color=red:s=32x32:r=12 -frames:v 1 -c:v libx264 {Path.Combine(films, "walk", "one.mp4")}");
        Ffmpeg($"-f lavfi -i color=gray:s=32x32:r=1 -frames:v 14400 -c:v libx264 -preset ultrafast -g 600 {Path.Combine(films, "walk", "hours.mp4")}");

        var trained = ByolProcess.Run(["pretrain", films, .. Quick(Of("run"), steps: 5)]);

        Assert.Equal(0, trained.ExitCode);
        string[] lines = File.ReadAllLines(Path.Combine(Of("run"), "quarantine.txt"));
        Assert.Equal(["run/empty.mp4", "run/noise.mp4", "walk/song.mp4"], lines.Select(line => line.Split('\t')[0]));
        Assert.Equal("is empty", lines[0].Split('\t')[1]);
        Assert.StartsWith("cannot be decoded", lines[1].Split('\t')[1], StringComparison.Ordinal);
        Assert.Equal("holds no video stream", lines[2].Split('\t')[1]);
    }

    [Fact]
    public void The_doctor_looks_through_videos_and_views_draws_them()
    {
        string films = MakeFilms();
        File.Copy(Path.Combine(films, "run", "0.mp4"), Path.Combine(films, "walk", "again.mp4"));
        File.WriteAllBytes(Path.Combine(films, "run", "empty.mp4"), []);

        var looked = ByolProcess.Run("doctor", films, "--json", "--quarantine", Of("list.txt"));

        Assert.Equal(0, looked.ExitCode);
        var data = looked.Json["data"]!;
        Assert.Equal((14, 13), (data["images"]!.GetValue<int>(), data["readable"]!.GetValue<int>()));
        Assert.Equal(16, data["videos"]!["frames"]!["max"]!.GetValue<int>());
        Assert.Equal(1, data["exactDuplicates"]!["redundant"]!.GetValue<int>());
        Assert.Equal(1, data["labelConflicts"]!.GetValue<int>());
        Assert.True(data["estimate"]!["samples_per_second"]!.GetValue<double>() > 0);
        Assert.Contains("videos: 13 of 14 can be read", looked.Error, StringComparison.Ordinal);
        Assert.Contains("run/empty.mp4\tis empty", File.ReadAllText(Of("list.txt")), StringComparison.Ordinal);

        Assert.Equal(0, ByolProcess.Run("views", films, "--out", Of("views.png"), "--samples", "2").ExitCode);
        Assert.True(new FileInfo(Of("views.png")).Length > 5000);
    }

    [Fact]
    public void Killed_it_leaves_no_decoder_behind()
    {
        using var process = StartDecoding(Of("killed"));
        process.Kill(); // kill -9, of this process alone
        process.WaitForExit();

        AssertNoDecoderIsLeft();
    }

    [Fact]
    public void Interrupted_by_ctrl_c_which_reaches_the_decoders_too_it_saves_and_leaves_none_behind()
    {
        using var process = StartDecoding(Of("interrupted"));
        ByolProcess.SignalGroup(process, ByolProcess.SigInt);
        var outcome = ByolProcess.Finish(process);

        Assert.Equal(130, outcome.ExitCode);
        Assert.Contains("the checkpoint is saved", outcome.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Of("interrupted"), "quarantine.txt")), "no film counts as broken because its decoder was interrupted");
        AssertNoDecoderIsLeft();
    }

    /// <summary>A training without any cache, in a process group of its own, that has done some steps.</summary>
    private Process StartDecoding(string run)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "process groups and /proc are Linux's");
        string films = MakeFilms();
        var process = ByolProcess.StartGroup(["pretrain", films, .. Quick(run, steps: 100_000), "--set", "data.cacheMegabytes=0", "--workers", "3"]);
        string metrics = Path.Combine(run, "metrics.jsonl");
        for (var clock = Stopwatch.StartNew(); !(File.Exists(metrics) && File.ReadLines(metrics).Count() >= 2); Thread.Sleep(50))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3) && !process.HasExited, "the training does not get going");
        }
        return process;
    }

    private void AssertNoDecoderIsLeft()
    {
        for (var clock = Stopwatch.StartNew(); Decoders().Length > 0; Thread.Sleep(50))
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), string.Join('\n', Decoders()));
        }
    }

    /// <summary>Command lines of the decoders that read the films of this test.</summary>
    private string[] Decoders() => [.. Process.GetProcesses().Where(p => p.ProcessName is "ffmpeg" or "ffprobe").Select(CommandLine)
        .Where(line => line.Contains(_folder, StringComparison.Ordinal))];

    private static string CommandLine(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return ""; // it is gone
        }
    }

    private string Of(string name) => Path.Combine(_folder, name);

    /// <summary>Two classes of six films of 16 frames.</summary>
    private string MakeFilms()
    {
        for (int i = 0; i < 6; i++)
        {
            Make("run", i, $"testsrc2=s=48x32:r=12,hue=h={60 * i}");
            Make("walk", i, $"smptebars=s=48x32:r=12,hue=h={60 * i}:s=1+sin(n/3),rotate=n/{4 + i}");
        }
        return Of("films");

        void Make(string label, int number, string source)
        {
            Directory.CreateDirectory(Of($"films/{label}"));
            Ffmpeg($"-f lavfi -i {source} -frames:v 16 -c:v libx264 -pix_fmt yuv420p {Of($"films/{label}/{number}.mp4")}");
        }
    }

    private static void Ffmpeg(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ffmpeg", $"-v error -nostdin -y {arguments}") { RedirectStandardError = true })!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, errors);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("ffmpeg is not installed");
        }
    }

    private static string[] Quick(string run, int steps) =>
    [
        "--preset", "video-small-cpu", "--out", run, "--steps", $"{steps}", "--batch-size", "4", "--image-size", "16", "--set", "video.frames=4",
        "--set", "byol.hiddenSize=16", "--set", "byol.projectionSize=8", "--set", "trainer.logEvery=1steps", "--set", "trainer.threads=1",
        "--set", "trainer.scoreEvery=0steps", "--set", "data.maxCorruptShare=0.5", ByolProcess.WithoutReport,
    ];
}
