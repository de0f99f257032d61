using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Tests;

/// <summary>Settings that the tool finds: plan, tune, and the batch that fits.</summary>
public sealed class TuningTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-tuning-").FullName;

    [Fact]
    public void A_plan_gives_reasons_and_its_command_runs()
    {
        string file = Path.Combine(_folder, "plan.json"), run = Path.Combine(_folder, "run");
        var plan = ByolProcess.Run("plan", "demo:test", "--time", "5s", "--out", file, "--set", "trainer.threads=1", "--json");

        Assert.True(plan.ExitCode == 0, plan.Error);
        Assert.True(plan.Json["samples_per_second"]!.GetValue<double>() > 0);
        Assert.Contains("byol.baseTargetEma", plan.Json["values"]!.AsArray().Select(v => v!["key"]!.GetValue<string>()));
        string command = plan.Json["command"]!.GetValue<string>();
        Assert.Equal($"byol pretrain demo:test --out RUN --config {file}", command);
        var trained = ByolProcess.Run([.. command.Split(' ').Skip(1).Select(word => word == "RUN" ? run : word)]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Equal(plan.Json["options"]!["trainer"]!["duration"]!.GetValue<string>(), Config(run)["trainer"]!["duration"]!.GetValue<string>());
    }

    [Fact]
    public void A_search_ends_in_a_table_a_plot_and_a_command_that_runs()
    {
        string search = Path.Combine(_folder, "search"), run = Path.Combine(_folder, "run");
        var tune = ByolProcess.Run(
            "tune", "demo:test", "--preset", "demo", "--out", search, "--trials", "3", "--steps", "12", "--length", "3steps", "--search", "optimizer.baseLearningRate=1..4:log",
            "--set", "trainer.threads=1", "--set", "trainer.batchSize=8", "--set", "data.imageSize=16", "--set", "byol.hiddenSize=16", "--set", "backbone.widthMultiplier=0.5", "--json");

        Assert.True(tune.ExitCode == 0, tune.Error);
        Assert.Equal([0, 1, 2], tune.Json["trials"]!.AsArray().Select(t => t!["trial"]!.GetValue<int>()).Order());
        Assert.Contains("| trial", tune.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(search, "tune.svg")));
        string[] command = [.. tune.Json["command"]!.GetValue<string>().Split(' ').Skip(1).Select(word => word == "RUN" ? run : word)];
        Assert.Equal(0, ByolProcess.Run(command).ExitCode);
        Assert.Equal("3steps", Config(run)["trainer"]!["duration"]!.GetValue<string>());
    }

    [Fact]
    public void The_batch_that_fits_is_written_and_kept()
    {
        string run = Path.Combine(_folder, "auto");
        string[] quick = [.. ByolProcess.Quick(run, steps: 2).Select(word => word == "8" ? "auto" : word), "--set", "trainer.logEvery=1steps"];
        var outcome = ByolProcess.Run(["pretrain", "demo:test", .. quick]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        int batch = Config(run)["trainer"]!["batchSize"]!.GetValue<int>();
        Assert.True(int.IsPow2(batch), $"{batch}");
        Assert.Contains($"batch size {batch:N0}", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("--rescale-tau would make it", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(0, ByolProcess.Run(["pretrain", "demo:test", .. quick, "--resume"]).ExitCode);
    }

    [Theory]
    [InlineData("--batch-size", "many", "auto")]
    [InlineData("--batch-size", "0", "trainer.batchSize")]
    public void A_batch_size_that_is_none_is_told(string option, string value, string expected)
    {
        var outcome = ByolProcess.Run("pretrain", "demo:test", "--out", Path.Combine(_folder, "no"), option, value);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("give the length of the whole search")]
    [InlineData("is no search", "--steps", "100", "--search", "a")]
    [InlineData("did you mean optimizer.warmup?", "--steps", "100", "--search", "optimizer.warmpu=1%,5%")]
    [InlineData("needs labelled data", "--steps", "100", "--score", "knn")]
    [InlineData("exclude each other", "--steps", "100", "--resume", "--overwrite")]
    [InlineData("steps are too few", "--steps", "20")]
    public void A_search_that_does_not_work_is_told(string expected, params string[] arguments)
    {
        var outcome = ByolProcess.Run(["tune", "demo:test", "--out", Path.Combine(_folder, "no"), .. arguments]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(expected, Assert.Single(outcome.ErrorLines), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static JsonNode Config(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, "config.json")))!;
}
