namespace ByolSharp.Cli.Tests;

/// <summary>From an encoder and labels to a classifier.</summary>
public sealed class FineTuneTests : IDisposable
{
    private const int BadUsage = 2, UnusableData = 3, Interrupted = 130;
    private static readonly string[] Demo = ["--train", "demo:train", "--test", "demo:test"];
    private static readonly string[] Random = ["finetune", "--random", "resnet8", "--image-size", "16", .. Demo];
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-finetune-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_run_is_fine_tuned_and_evaluated_on_views_and_stays_as_it_was()
    {
        string run = Path.Combine(_folder, "run"), tuned = Path.Combine(_folder, "tuned"), file = Path.Combine(tuned, "classifier.safetensors");
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(run)]);
        var before = Contents(run);
        var result = ByolProcess.Run(["finetune", "--run", run, .. Demo, "--labels", "1%", "--steps", "3", "--out", tuned, "--json"]).Json;
        var linear = ByolProcess.Run(["linear-eval", "--run", run, .. Demo, "--labels", "1%", "--protocol", "imagenet-regularised", "--epochs", "2", "--json"]).Json;

        foreach (string[] evaluation in (string[][])[["knn-eval"], ["linear-eval"], ["linear-eval", "--protocol", "transfer"]])
        {
            Assert.Equal(0, ByolProcess.Run([.. evaluation, "--run", run, .. Demo, "--labels", "1%"]).ExitCode);
        }

        Assert.Equal(before, Contents(run));
        Assert.True(File.Exists(Path.Combine(run, "eval", "finetune.json")));
        Assert.All(
            ["top1", "top1_low", "top1_high", "top5", "mean_per_class", "n_train", "n_test", "labels", "protocol", "lr", "wd", "steps"],
            key => Assert.True(result.ContainsKey(key), key));
        Assert.Equal((40, 1000, 3), (result["n_train"]!.GetValue<int>(), result["n_test"]!.GetValue<int>(), result["steps"]!.GetValue<int>()));
        Assert.InRange(result["top1"]!.GetValue<double>(), result["top1_low"]!.GetValue<double>(), result["top1_high"]!.GetValue<double>());
        Assert.Equal((40, "imagenet-regularised"), (linear["n_train"]!.GetValue<int>(), linear["protocol"]!.GetValue<string>()));
        Assert.Equal(0, ByolProcess.Run(["knn-eval", "--encoder", file, .. Demo, "--labels", "1%"]).ExitCode);
        BadInputTests.AssertOneLine(ByolProcess.Run(["finetune", "--run", run, .. Demo, "--out", tuned]), BadUsage, file, "--out");
    }

    [Fact]
    public void A_list_names_the_labels_and_a_search_reports_each_setting()
    {
        string list = Path.Combine(_folder, "labels.txt");
        File.WriteAllLines(list, Enumerable.Range(0, 40).Select(i => $"{i:D5}"));
        var outcome = ByolProcess.Run([.. Random, "--label-list", list, "--protocol", "semi-supervised", "--steps", "2", "--batch-size", "8"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("5 of 6: lr 0.005 wd 0 2steps: held-out top-1", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_ends_it_without_a_file()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        using var process = ByolProcess.Start([.. Random, "--steps", "1000000", "--out", _folder]);
        Assert.StartsWith("fine-tune: ", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        ByolProcess.Signal(process, ByolProcess.SigInt);
        var outcome = ByolProcess.Finish(process);

        Assert.Equal((Interrupted, ""), (outcome.ExitCode, outcome.Error));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData(BadUsage, "--steps and --epochs exclude each other", "--steps", "3", "--epochs", "1")]
    [InlineData(BadUsage, "learning rate = 0", "--learning-rate", "0")]
    [InlineData(BadUsage, "--labels and --label-list exclude each other", "--labels", "1%", "--label-list", "nowhere.txt")]
    [InlineData(BadUsage, "there is no file nowhere.txt", "--label-list", "nowhere.txt")]
    [InlineData(BadUsage, "unknown option '--pixels'", "--pixels")]
    [InlineData(BadUsage, "name one encoder: --run RUN, --encoder FILE or --random BACKBONE", "--run", "x")]
    [InlineData(UnusableData, "give at least two samples a class, or one setting", "--protocol", "transfer", "--labels", "0.1%")]
    public void Bad_input_is_one_line(int exitCode, string part, params string[] flags) =>
        BadInputTests.AssertOneLine(ByolProcess.Run([.. Random, .. flags]), exitCode, part);

    private static Dictionary<string, string> Contents(string run) => Directory
        .EnumerateFiles(run, "*", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/eval/", StringComparison.Ordinal))
        .ToDictionary(file => file, file => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file))));
}
