using System.Diagnostics;
using SkiaSharp;

namespace ByolSharp.Cli.Tests;

/// <summary>Bad input gets the right exit code and one clear line that names the thing and the mend.</summary>
public sealed class BadInputTests : IDisposable
{
    private const int BadUsage = 2, UnusableData = 3, Failed = 1;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-bad-").FullName;

    private string Run_ => Path.Combine(_folder, "run");

    [Fact]
    public void Bench_of_videos_asks_for_some() => AssertOneLine(ByolProcess.Run("bench", "--preset", "video-small-cpu"), 2, "of which none can be generated: name some with --data");

    [Fact]
    public void A_missing_folder_is_named()
    {
        var outcome = ByolProcess.Run(["pretrain", Path.Combine(_folder, "nowhere"), .. ByolProcess.Quick(Run_)]);

        AssertOneLine(outcome, UnusableData, "nowhere", "does not exist");
    }

    [Fact]
    public void A_folder_without_images_says_what_was_looked_for()
    {
        string empty = Directory.CreateDirectory(Path.Combine(_folder, "empty")).FullName;
        File.WriteAllText(Path.Combine(empty, "notes.txt.md"), "no image");

        AssertOneLine(ByolProcess.Run(["pretrain", empty, .. ByolProcess.Quick(Run_)]), UnusableData, "empty", ".png");
    }

    [Fact]
    public void One_class_trains_but_cannot_be_evaluated()
    {
        string data = Images("one", count: 16, classes: 1);

        Assert.Equal(0, ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_)]).ExitCode);
        AssertOneLine(ByolProcess.Run("knn-eval", "--run", Run_, "--train", data, "--test", data), UnusableData, "1 class", "two");
    }

    [Fact]
    public void Images_of_one_pixel_are_refused()
    {
        string data = Images("tiny", count: 12, size: 1);

        AssertOneLine(ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_)]), UnusableData, "1x1", "pixels");
    }

    [Fact]
    public void A_tenth_of_corrupt_files_is_counted_listed_and_skipped()
    {
        string data = Images("corrupt", count: 36);
        for (int i = 0; i < 4; i++)
        {
            File.WriteAllText(Path.Combine(data, $"broken{i}.jpg"), i == 0 ? "" : "this is no image");
        }
        var outcome = ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_, steps: 8)]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("4 of 40 files could not be read", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(4, File.ReadLines(Path.Combine(Run_, "quarantine.txt")).Count());
        Assert.True(File.Exists(Path.Combine(Run_, "encoder.safetensors")));
    }

    [Fact]
    public void Too_many_corrupt_files_stop_the_run_and_are_listed()
    {
        string data = Images("mostly", count: 8);
        for (int i = 0; i < 8; i++)
        {
            File.WriteAllText(Path.Combine(data, $"broken{i}.png"), "this is no image");
        }
        var outcome = ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_, steps: 20)]);

        AssertOneLine(outcome, UnusableData, "of 16", "quarantine.txt");
        Assert.True(File.Exists(Path.Combine(Run_, "quarantine.txt")));
    }

    [Fact]
    public void Mixed_sizes_channels_and_formats_train()
    {
        string data = Images("mixed", count: 8);
        NoiseImages.Save(Path.Combine(data, "wide.png"), 97, 13, SKColorType.Rgba8888, SKEncodedImageFormat.Png);
        NoiseImages.Save(Path.Combine(data, "grey.png"), 20, 40, SKColorType.Gray8, SKEncodedImageFormat.Png);
        NoiseImages.Save(Path.Combine(data, "photo.jpg"), 64, 48, SKColorType.Rgba8888, SKEncodedImageFormat.Jpeg);
        NoiseImages.Save(Path.Combine(data, "web.webp"), 33, 33, SKColorType.Rgba8888, SKEncodedImageFormat.Webp);

        Assert.Equal(0, ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_, steps: 5)]).ExitCode);
        Assert.False(File.Exists(Path.Combine(Run_, "quarantine.txt")));
    }

    [Fact]
    public void An_unwritable_out_folder_is_named()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "in the way");

        AssertOneLine(ByolProcess.Run(["pretrain", Images("data"), .. ByolProcess.Quick(Path.Combine(file, "run"))]), BadUsage, "file", "--out");
    }

    [Fact]
    public void A_full_disk_keeps_the_last_checkpoint()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs tmpfs");
        string disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(Shell($"mount -t tmpfs -o size=2m tmpfs {disk}") == 0, "mounting a tmpfs needs rights that this user lacks");
        try
        {
            string data = Images("data");
            string run = Path.Combine(disk, "run");
            string[] training = ["pretrain", data, .. ByolProcess.Quick(run, steps: 60), "--set", "trainer.checkpointEvery=1steps", "--set", "trainer.keepCheckpoints=1000"];
            var outcome = ByolProcess.Run(training);

            AssertOneLine(outcome, Failed, "checkpoint", "untouched");
            Shell($"mount -o remount,size=200m {disk}");
            Assert.Equal(0, ByolProcess.Run([.. training, "--resume"]).ExitCode);
        }
        finally
        {
            Shell($"umount {disk}");
        }
    }

    [Fact]
    public void A_cache_folder_that_cannot_be_written_is_named_before_the_training() =>
        AssertOneLine(
            ByolProcess.Run(["pretrain", Images("data"), .. ByolProcess.Quick(Run_), "--cache", Path.Combine(Images("data"), "image000.png", "cache")]),
            BadUsage, "image000.png", "data.cacheFolder");

    [Fact]
    public void A_cache_that_fills_the_disk_stops_growing_and_the_training_goes_on()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs tmpfs");
        string disk = Directory.CreateDirectory(Path.Combine(_folder, "disk")).FullName;
        Assert.SkipUnless(Shell($"mount -t tmpfs -o size=64k tmpfs {disk}") == 0, "mounting a tmpfs needs rights that this user lacks");
        try
        {
            var outcome = ByolProcess.Run(
                ["pretrain", Images("data", count: 40, size: 40), .. ByolProcess.Quick(Run_, steps: 10), "--cache", disk, "--set", "data.cacheMegabytes=0"]);

            Assert.Equal(0, outcome.ExitCode);
            Assert.Single(outcome.Output.Split('\n'), line => line.Contains("cannot be written", StringComparison.Ordinal));
        }
        finally
        {
            Shell($"umount {disk}");
        }
    }

    [Theory]
    [InlineData("small-cpu", "--preset", "small-cup")]
    [InlineData("resnet18", "--backbone", "resnet19")]
    [InlineData("byol.baseTargetEma", "--set", "byol.baseTargetEmma=0.9")]
    [InlineData("--batch-size", "--batch-sise", "3")]
    public void A_mistyped_name_gets_a_suggestion(string meant, params string[] flags) =>
        AssertOneLine(ByolProcess.Run(["pretrain", Images("data"), "--out", Run_, .. flags]), BadUsage, meant, "id you mean");

    [Fact]
    public void A_mistyped_verb_gets_a_suggestion() => AssertOneLine(ByolProcess.Run("pretain"), BadUsage, "pretain", "Did you mean 'pretrain'?");

    [Fact]
    public void A_batch_larger_than_the_data_names_the_largest_that_works() =>
        AssertOneLine(ByolProcess.Run(["pretrain", Images("data", count: 12), .. ByolProcess.Quick(Run_), "--set", "trainer.batchSize=64"]), BadUsage, "64", "12");

    [Fact]
    public void A_learning_rate_that_is_no_number_is_named_before_anything_is_written()
    {
        var outcome = ByolProcess.Run(["pretrain", Images("data"), .. ByolProcess.Quick(Run_), "--set", "optimizer.baseLearningRate=NaN"]);

        AssertOneLine(outcome, BadUsage, "optimizer.baseLearningRate", "NaN");
        Assert.False(Directory.Exists(Run_));
    }

    [Fact]
    public void An_existing_run_is_kept_unless_told_otherwise()
    {
        string data = Images("data");
        ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_)]);
        byte[] encoder = File.ReadAllBytes(Path.Combine(Run_, "encoder.safetensors"));

        AssertOneLine(ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(Run_)]), BadUsage, "--resume", "--overwrite");
        Assert.Equal(encoder, File.ReadAllBytes(Path.Combine(Run_, "encoder.safetensors")));
    }

    [Fact]
    public void A_run_without_an_encoder_is_named() =>
        AssertOneLine(ByolProcess.Run("embed", Images("data"), "--run", Path.Combine(_folder, "none"), "--out", Path.Combine(_folder, "e.csv")), BadUsage, "none");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static void AssertOneLine(Outcome outcome, int exitCode, params string[] parts)
    {
        Assert.True(outcome.ExitCode == exitCode, $"exit code {outcome.ExitCode}: {outcome.Error}");
        string line = Assert.Single(outcome.ErrorLines);
        Assert.StartsWith("byol: ", line, StringComparison.Ordinal);
        Assert.All(parts, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    private string Images(string name, int count = 16, int classes = 0, int size = 20) =>
        NoiseImages.Write(Path.Combine(_folder, name), count, classes, size);

    private static int Shell(string command)
    {
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
