namespace ByolSharp.Cli.Tests;

/// <summary>Texts through the tool.</summary>
public sealed class TextTests : IDisposable
{
    private const int BadUsage = 2, UnusableData = 3;
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-text-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_training_is_evaluated_beside_its_baselines_embedded_and_reported()
    {
        string news = News(), run = Of("run");
        var trained = ByolProcess.Run(["pretrain", news, .. Quick(run)]);
        Assert.True(trained.ExitCode == 0, trained.Error + trained.Output);
        Assert.Contains(" texts/s ", trained.Output, StringComparison.Ordinal);

        foreach (string[] encoder in (string[][])[["--run", run], ["--random", "text-small-cpu", "--tokenizer", run], ["--tf-idf", "--tf-idf-terms", "50", "--tf-idf-pairs"]])
        {
            string[] data = [.. encoder, "--train", news, "--test", news, "--text-column", "title+body", "--label-column", "topic", "--json"];
            var knn = Result(["knn-eval", .. data, "--k", "3", "--center"]);
            Assert.Equal(60, knn["n_test"]!.GetValue<int>());
            Assert.True(knn["centered"]!.GetValue<bool>());
            var linear = Result(["linear-eval", .. data, "--epochs", "2"]);
            Assert.Equal(60, linear["n_test"]!.GetValue<int>());
            Assert.InRange(linear["top1"]!.GetValue<double>(), encoder[0] == "--tf-idf" ? 0.9 : 0, 1);
        }
        var rungs = Result(["worth", "--run", run, "--train", news, "--test", news, "--labels", "50%", "--seeds", "1", "--steps", "2", "--json"])["rungs"]!.AsArray();
        Assert.Equal(["words", "random", "scratch", "frozen", "finetuned"], rungs.Select(rung => (string)rung!["rung"]!));
        Assert.InRange((double)rungs[0]!["scores"]![0]!["top1"]!, 0.9, 1);
        Assert.Equal((60, 128), Counts(Result(["embed", news, "--run", run, "--out", Of("e.parquet"), "--json"])));
        Assert.Equal(0, ByolProcess.Run("report", run).ExitCode);
        Assert.Contains("tile words", File.ReadAllText(Path.Combine(run, "report.html")), StringComparison.Ordinal);

        static (int, int) Counts(System.Text.Json.Nodes.JsonObject result) => (result["count"]!.GetValue<int>(), result["size"]!.GetValue<int>());
    }

    [Fact]
    public void Pairs_views_and_vocabularies()
    {
        string news = News(), pairs = Write("pairs.csv", "a red ball,the red ball,5\na cat,some dog,2\nrain and snow,a chair,0\n");

        var likeness = Result(["sts-eval", "--tf-idf", "--test", pairs, "--json"]);
        Assert.Equal(3, likeness["n_test"]!.GetValue<int>());
        Assert.InRange(likeness["spearman"]!.GetValue<double>(), 0.5, 1);

        var views = Result(["views", news, "--preset", "text-small-cpu", "--set", "text.column=title", "--samples", "2", "--json"]);
        Assert.Equal(2, views["views"]!.AsArray().Count);

        var learned = Result(["tokenizer", "train", news, "--text-column", "body", "--kind", "wordpiece", "--vocab-size", "300", "--out", Of("pieces"), "--json"]);
        Assert.InRange(learned["vocabulary_size"]!.GetValue<int>(), 30, 300);
        Assert.Equal(learned["vocabulary_size"]!.GetValue<int>(), File.ReadLines(Of("pieces/vocab.txt")).Count());
        var trained = ByolProcess.Run(["pretrain", news, .. Quick(Of("run")), "--set", $"text.tokenizer={Of("pieces")}"]);
        Assert.True(trained.ExitCode == 0, trained.Error);
    }

    [Fact]
    public void Bad_input_is_one_line_with_the_thing_and_the_mend()
    {
        string news = News();
        BadInputTests.AssertOneLine(ByolProcess.Run(["pretrain", news, .. Quick(Of("a"), columns: false), "--text-column", "headline"]), BadUsage, "text.column = headline", "topic | title | body");
        BadInputTests.AssertOneLine(ByolProcess.Run(["pretrain", Write("empty.csv", ""), .. Quick(Of("b"))]), UnusableData, "empty.csv", "is empty");
        BadInputTests.AssertOneLine(ByolProcess.Run(["pretrain", Write("empty.txt", ""), .. Quick(Of("c"), columns: false)]), UnusableData, "empty.txt", "holds no text");
        File.WriteAllBytes(Of("program.bin"), [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7919 >> 3))]);
        BadInputTests.AssertOneLine(ByolProcess.Run(["pretrain", Of("program.bin"), .. Quick(Of("d"), columns: false)]), UnusableData, "program.bin", "UTF-8");
        BadInputTests.AssertOneLine(ByolProcess.Run("knn-eval", "--tf-idf", "--pixels", "--train", news, "--test", news), BadUsage, "name one encoder", "--tf-idf");
    }

    private static System.Text.Json.Nodes.JsonObject Result(string[] arguments)
    {
        var outcome = ByolProcess.Run(arguments);
        Assert.True(outcome.ExitCode == 0, $"{string.Join(' ', arguments)}: {outcome.Error}{outcome.Output}");
        return outcome.Json;
    }

    private string Of(string name) => Path.Combine(_folder, name);

    private string Write(string name, string content)
    {
        File.WriteAllText(Of(name), content);
        return Of(name);
    }

    /// <summary>60 news of two subjects that their words tell apart.</summary>
    private string News() => Write("news.csv", "topic,title,body\n" + string.Concat(Enumerable.Range(0, 60).Select(i => i % 2 == 0
        ? $"sports,\"Match {i}, again\",the team scored {i} goals in the stadium\n"
        : $"weather,\"Rain on day {i}\",clouds and wind came over the coast at {i} degrees\n")));

    private static string[] Quick(string run, bool columns = true) =>
    [
        "--preset", "text-small-cpu", "--out", run, "--steps", "2", "--batch-size", "8", "--backbone", "bert-tiny", "--set", "text.vocabularySize=320", "--set", "text.maxTokens=16",
        "--set", "byol.hiddenSize=16", "--set", "byol.projectionSize=8", "--set", "trainer.logEvery=1steps", "--set", "trainer.threads=1", "--set", "trainer.scoreEvery=0steps",
        .. columns ? ["--text-column", "title+body", "--label-column", "topic"] : Array.Empty<string>(), ByolProcess.WithoutReport,
    ];
}
