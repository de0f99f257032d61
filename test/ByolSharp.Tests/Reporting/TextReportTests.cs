using ByolSharp.Images.Backbones;
using ByolSharp.Reporting;
using ByolSharp.Training;

namespace ByolSharp.Tests.Reporting;

public sealed class TextReportTests : IDisposable
{
    private const string Attack = "<script>alert(1)</script>";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Neighbours_and_the_map_show_texts_which_stay_texts()
    {
        string run = Train();

        var missing = RunReport.Write([run], _folder.Of("report.html"), cancellation: Token);
        string page = File.ReadAllText(_folder.Of("report.html"));

        Assert.Empty(missing);
        Assert.DoesNotContain(Attack, page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", page, StringComparison.Ordinal);
        string neighbours = Between(page, "id=\"neighbours\"", "</section>"), tiles = Between(page, "<template id=\"tiles\">", "</template>");
        Assert.Contains("<i class=\"tile words\">the number ", neighbours, StringComparison.Ordinal);
        Assert.Contains("<i class=\"tile words\">the number ", tiles, StringComparison.Ordinal);
        Assert.Contains("second view, draw 2", Between(page, "id=\"views\"", "</section>"), StringComparison.Ordinal);
        Assert.Contains("texts a second", page, StringComparison.Ordinal);
        Assert.Contains("60 in ", Between(page, "id=\"data\"", "</section>"), StringComparison.Ordinal);
    }

    private static string Between(string text, string start, string end)
    {
        int from = text.IndexOf(start, StringComparison.Ordinal);
        Assert.True(from >= 0, $"the page has no {start}");
        return text[from..text.IndexOf(end, from, StringComparison.Ordinal)];
    }

    /// <summary>A short training on texts and classes that would be markup.</summary>
    private string Train()
    {
        string data = _folder.Write("texts.tsv", "label\ttext\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{(i % 2 == 0 ? Attack : "odd")}\tthe number {i} is {Attack}\n")));
        string path = _folder.Of("run");
        using var run = RunDirectory.Open(path, ExistingRun.Refuse);
        Pretraining.Run(
            SmallRun.Options() with
            {
                Backbone = new() { Name = "bert-tiny", Pooling = TokenPooling.Mean },
                Data = new() { Kind = DataKind.Text, Path = data, Workers = 1 },
                Text = new() { VocabularySize = 320, MaxTokens = 24 },
            },
            run, cancellation: Token);
        return path;
    }
}
