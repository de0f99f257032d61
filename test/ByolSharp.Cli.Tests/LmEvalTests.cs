namespace ByolSharp.Cli.Tests;

/// <summary>Language modelling from the command line.</summary>
public sealed class LmEvalTests : IDisposable
{
    private const int BadUsage = 2, UnusableData = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-lm-").FullName;
    private readonly string[] _random;

    public LmEvalTests()
    {
        string[] who = ["the cat", "a dog", "my friend"], does = ["likes", "sees", "wants"], what = ["a red apple", "the small house", "some cold water"];
        string[] lines = [.. Enumerable.Range(0, 27).Select(i => $"{who[i % 3]} {does[i / 3 % 3]} {what[i / 9]}")];
        string train = Of("train.txt"), test = Of("test.txt");
        File.WriteAllLines(train, lines[..20]);
        File.WriteAllLines(test, lines[20..]);
        _random = ["lm-eval", "--random", "bert-tiny", "--train", train, "--test", test, "--steps", "3", "--batch-size", "4", "--pseudo-texts", "2"];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("frozen", "pseudo_perplexity", "unigram", "trigram", "random")]
    [InlineData("finetune", "pseudo_perplexity", "unigram", "trigram", "random", "scratch")]
    [InlineData("causal", "bits_per_character", "unigram", "trigram", "scratch")]
    public void Each_head_compares_and_answers_in_JSON(string head, string measure, params string[] models)
    {
        var outcome = ByolProcess.Run([.. _random, "--head", head, "--json"]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Single(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        var result = outcome.Json;
        Assert.All(
            ["head", "accuracy", "accuracy_low", "accuracy_high", "perplexity", "models", "gains", "n_train", "n_test", "train_tokens", "test_tokens", "vocabulary_size", "steps", "batch_size"],
            key => Assert.True(result.ContainsKey(key), key));
        Assert.Equal((head, 20, 7, 3), (result["head"]!.GetValue<string>(), result["n_train"]!.GetValue<int>(), result["n_test"]!.GetValue<int>(), result["steps"]!.GetValue<int>()));
        Assert.Equal(models, result["models"]!.AsArray().Select(model => model!["model"]!.GetValue<string>()));
        Assert.All(result["models"]!.AsArray(), model => Assert.True(model![measure]!.GetValue<double>() > 0));
        Assert.Empty(result["gains"]!.AsArray());
        Assert.Contains("unigrams, add one", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_is_compared_with_its_network_untrained_and_keeps_the_result()
    {
        string run = Of("run");
        Assert.Equal(0, ByolProcess.Run(
            "pretrain", Of("train.txt"), "--preset", "text-small-cpu", "--out", run, "--steps", "3", "--batch-size", "8", "--set", "text.vocabularySize=300",
            "--set", "byol.hiddenSize=16", "--set", "byol.projectionSize=8", "--set", "trainer.threads=1", ByolProcess.WithoutReport).ExitCode);

        var outcome = ByolProcess.Run(["lm-eval", "--run", run, .. _random[3..]]);

        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("random encoder, frozen", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("nats a token", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\"over\":\"random\"", File.ReadAllText(Path.Combine(run, "eval", "lm-eval-frozen.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(BadUsage, "unknown head 'forzen'; did you mean 'frozen'? Known: frozen, finetune, causal", "--head", "forzen")]
    [InlineData(BadUsage, "--steps and --time exclude each other", "--time", "3s")]
    [InlineData(BadUsage, "learning rate = 0", "--learning-rate", "0")]
    [InlineData(BadUsage, "name one encoder: --run RUN, --encoder FILE or --random BACKBONE", "--run", "x")]
    public void Bad_input_is_one_line(int exitCode, string part, params string[] flags) =>
        BadInputTests.AssertOneLine(ByolProcess.Run([.. _random, .. flags]), exitCode, part);

    [Fact]
    public void Data_that_do_not_work_are_named()
    {
        File.WriteAllText(Of("blank.txt"), "\n\n");
        string[] network = ["lm-eval", "--random", "bert-tiny", "--steps", "1", "--train", Of("train.txt"), "--test"];

        BadInputTests.AssertOneLine(ByolProcess.Run([.. network, Of("nowhere.txt")]), UnusableData, "nowhere.txt");
        BadInputTests.AssertOneLine(ByolProcess.Run([.. network, Of("blank.txt")]), UnusableData, "blank.txt");
        BadInputTests.AssertOneLine(
            ByolProcess.Run("lm-eval", "--random", "resnet8", "--train", Of("train.txt"), "--test", Of("test.txt")), BadUsage, "an encoder of texts", "--run");
    }

    private string Of(string name) => Path.Combine(_folder, name);
}
