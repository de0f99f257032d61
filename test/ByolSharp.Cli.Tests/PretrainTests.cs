using System.Diagnostics;
using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Tests;

/// <summary>The main path: pre-train, interrupt, resume, evaluate, use.</summary>
public sealed class PretrainTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-cli-").FullName;

    [Fact]
    public void Writes_the_run_directory_that_the_contract_promises()
    {
        string run = Path.Combine(_folder, "run");
        var outcome = ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(run, steps: 6), "--json"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal((6, 6), (outcome.Json["step"]!.GetValue<int>(), outcome.Json["total_steps"]!.GetValue<int>()));
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.All(
            ["config.json", "environment.json", "metrics.jsonl", "log.txt", "encoder.safetensors", "checkpoints/last/state.safetensors", "checkpoints/last/manifest.json"],
            file => Assert.True(File.Exists(Path.Combine(run, file)), file));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(run, "tensorboard")));
        var last = JsonNode.Parse(File.ReadLines(Path.Combine(run, "metrics.jsonl")).Last())!.AsObject();
        Assert.All(
            ["step", "epoch", "samples", "time", "loss", "lr", "tau", "samples_per_second", "data_wait", "grad_norm", "projection_std", "rank", "alignment", "uniformity",
                "rankme", "lidar", "view_retrieval", "view_alignment", "view_uniformity", "view_spread", "projection_lidar"],
            key => Assert.True(last.ContainsKey(key), key));
    }

    [Theory]
    [InlineData(ByolProcess.SigInt)]
    [InlineData(ByolProcess.SigTerm)]
    public void A_signal_finishes_the_step_saves_and_resuming_gives_the_same_encoder(int signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        string whole = Path.Combine(_folder, "whole"), parts = Path.Combine(_folder, "parts");
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(whole, steps: 150)]);
        using var process = ByolProcess.Start(["pretrain", "demo:train", .. ByolProcess.Quick(parts, steps: 150)]);
        WaitForLines(Path.Combine(parts, "metrics.jsonl"), 5, process);
        ByolProcess.Signal(process, signal);
        var interrupted = ByolProcess.Finish(process);

        Assert.Equal(130, interrupted.ExitCode);
        Assert.Contains("go on with --resume", interrupted.Output, StringComparison.Ordinal);
        Assert.Equal(0, ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(parts, steps: 150), "--resume"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, "encoder.safetensors")), File.ReadAllBytes(Path.Combine(parts, "encoder.safetensors")));
    }

    [Fact]
    public void A_time_budget_is_measured_fixed_and_kept()
    {
        string run = Path.Combine(_folder, "timed");
        string[] quick = [.. ByolProcess.Quick(run).Where((_, i) => i is not (2 or 3)), "--time", "8s"];
        var clock = Stopwatch.StartNew();
        var outcome = ByolProcess.Run(["pretrain", "demo:train", .. quick, "--json"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 30);
        long steps = outcome.Json["total_steps"]!.GetValue<long>();
        Assert.Equal(steps, JsonNode.Parse(File.ReadAllText(Path.Combine(run, "config.json")))!["trainer"]!["measuredSteps"]!.GetValue<long>());
        Assert.Equal(0, ByolProcess.Run(["pretrain", "demo:train", .. quick, "--resume"]).ExitCode);
    }

    [Fact]
    public void The_encoder_can_be_evaluated_embedded_and_exported()
    {
        string run = Path.Combine(_folder, "run"), csv = Path.Combine(_folder, "e.csv"), exported = Path.Combine(_folder, "x.safetensors");
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(run)]);
        var knn = ByolProcess.Run("knn-eval", "--run", run, "--train", "demo:train", "--test", "demo:test", "--k", "20", "--json").Json;
        var linear = ByolProcess.Run("linear-eval", "--run", run, "--train", "demo:train", "--test", "demo:test", "--protocol", "logistic", "--labels", "10%", "--json").Json;

        Assert.All(["top1", "top5", "n_train", "n_test", "k"], key => Assert.True(knn.ContainsKey(key), key));
        Assert.All(["top1", "top5", "n_train", "n_test"], key => Assert.True(linear.ContainsKey(key), key));
        Assert.True(File.Exists(Path.Combine(run, "eval", "knn-eval.json")));
        Assert.Equal(0, ByolProcess.Run("embed", "demo:test", "--run", run, "--out", csv).ExitCode);
        Assert.Equal(knn["n_test"]!.GetValue<int>() + 1, File.ReadLines(csv).Count());
        Assert.Equal(0, ByolProcess.Run("export", "--run", run, "--out", exported).ExitCode);
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "encoder.safetensors")).Length, File.ReadAllBytes(exported).Length);
    }

    [Fact]
    public void Early_stopping_is_a_normal_end_and_the_best_checkpoint_is_an_encoder()
    {
        string run = Path.Combine(_folder, "run"), best = Path.Combine(run, "checkpoints", "best");
        string[] arguments = ["pretrain", "demo:train", .. ByolProcess.Quick(run, steps: 60), "--set", "trainer.scoreEvery=1steps", "--set", "trainer.stopAfter=2steps"];
        var outcome = ByolProcess.Run([.. arguments, "--json"]);
        var knn = ByolProcess.Run("knn-eval", "--encoder", best, "--train", "demo:train", "--test", "demo:test", "--k", "20", "--json");

        Assert.Equal(0, outcome.ExitCode);
        Assert.True(outcome.Json["stopped_early"]!.GetValue<bool>());
        Assert.Equal(outcome.Json["step"]!.GetValue<long>() - 2, outcome.Json["best_step"]!.GetValue<long>());
        Assert.Contains("stopped early at step", File.ReadAllText(Path.Combine(run, "log.txt")), StringComparison.Ordinal);
        Assert.Equal(0, knn.ExitCode);
    }

    [Fact]
    public void Either_network_of_any_checkpoint_can_be_exported()
    {
        string run = Path.Combine(_folder, "run"), exported = Path.Combine(_folder, "x.safetensors");
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(run)]);
        byte[] saved = File.ReadAllBytes(Path.Combine(run, "encoder.safetensors"));
        byte[] Export(params string[] which)
        {
            Assert.Equal(0, ByolProcess.Run(["export", "--run", run, "--out", exported, .. which]).ExitCode);
            return File.ReadAllBytes(exported);
        }

        Assert.Equal(saved, Export("--checkpoint", "last"));
        byte[] target = Export("--network", "target");
        Assert.Equal(saved.Length, target.Length);
        Assert.NotEqual(saved, target);
        var unknown = ByolProcess.Run("export", "--run", run, "--out", exported, "--checkpoint", "step-7");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("no checkpoint 'step-7'; it has best, last", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Views_are_drawn_and_presets_listed()
    {
        string sheet = Path.Combine(_folder, "views.png");

        Assert.Equal(0, ByolProcess.Run("views", "demo:train", "--out", sheet).ExitCode);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(sheet)[..4]);
        Assert.Contains("imagenet-r50-1000ep", ByolProcess.Run("presets").Output, StringComparison.Ordinal);
        Assert.Equal(0.2, ByolProcess.Run("presets", "imagenet-r50-1000ep", "--json").Json["optimizer"]!["baseLearningRate"]!.GetValue<double>());
    }

    [Fact]
    public void Doctor_says_that_the_native_library_loads_and_scans_data()
    {
        var outcome = ByolProcess.Run("doctor", "demo:test", "--json");

        Assert.Equal(0, outcome.ExitCode);
        Assert.True(outcome.Json["native_library"]!.GetValue<bool>());
        Assert.True(outcome.Json["data"]!["readable"]!.GetValue<int>() > 0);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static void WaitForLines(string file, int lines, Process process)
    {
        while (!File.Exists(file) || File.ReadLines(file).Count() < lines)
        {
            Assert.False(process.HasExited, "the training ended before it was interrupted");
            Thread.Sleep(20);
        }
    }
}
