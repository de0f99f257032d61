using ByolSharp.Reporting;
using ByolSharp.Tests.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests.Reporting;

public sealed class RunReportTests : IDisposable
{
    private const string Attack = "<script>alert(1)</script>";
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_run_of_46000_steps_is_a_small_page()
    {
        string run = SyntheticRun.Write(_folder.Of("long"), steps: 46_800, every: 10), page = Report([run], out var missing);

        Assert.InRange(new FileInfo(_folder.Of("report.html")).Length, 500_000, 15_000_000);
        Assert.Contains("Samples a second", page, StringComparison.Ordinal);
        Assert.Contains("46,800", page, StringComparison.Ordinal);
        Assert.Single(missing);
        Assert.Contains("no encoder.safetensors", missing[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_collapsed_run_says_so_and_what_to_do()
    {
        string page = Report([SyntheticRun.Write(_folder.Of("c"), steps: 1000, every: 10, collapses: true)], out _);

        Assert.Contains("<strong>Collapsed</strong>", page, StringComparison.Ordinal);
        Assert.Contains("What to do next", page, StringComparison.Ordinal);
        Assert.Contains("no predictor", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_runs_are_compared()
    {
        string page = Report([SyntheticRun.Write(_folder.Of("a"), 500, 10), SyntheticRun.Write(_folder.Of("b"), 500, 10, seed: 3)], out var missing);

        Assert.Empty(missing);
        Assert.Contains("2 runs compared", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">seed</th><td>0</td><td>3</td>", page, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"b\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_run_gives_the_same_bytes_and_texts_of_the_data_stay_texts()
    {
        string run = TrainOnAttackingNames(), first = Report([run], out var missing);

        Assert.Empty(missing);
        Assert.Equal(first, Report([run], out _));
        Assert.DoesNotContain(Attack, first, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;", first, StringComparison.Ordinal);
        Assert.All(
            ["id=\"views\"", "id=\"neighbours\"", "id=\"map\"", "id=\"confusion\"", "Right answers of each class", "&lt;i&gt;07.png</th>", "data:image/webp"],
            part => Assert.Contains(part, first, StringComparison.Ordinal));
    }

    [Fact]
    public void The_run_directory_alone_is_enough_and_the_page_says_what_is_missing()
    {
        string run = TrainOnAttackingNames();
        Directory.Delete(_folder.Of("data"), recursive: true);
        string page = Report([run], out var missing);

        Assert.Equal(["Training data", "Neighbours, map and classes"], missing.Select(m => m.Split(':')[0]));
        Assert.Contains("Not in this report", page, StringComparison.Ordinal);
        Assert.Contains("id=\"curves\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("id=\"map\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_of_time_leaves_out_what_needs_the_encoder()
    {
        string run = TrainOnAttackingNames();
        var missing = RunReport.Write([run], _folder.Of("report.html"), new() { TimeLimit = TimeSpan.Zero }, cancellation: Token);

        Assert.Contains("not done within 0 seconds", Assert.Single(missing), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_run_and_a_file_that_cannot_be_written_are_one_line()
    {
        var none = Assert.Throws<ConfigurationException>(() => RunReport.Write([_folder.Path], _folder.Of("report.html"), cancellation: Token));
        var unwritable = Assert.Throws<StorageException>(
            () => RunReport.Write([SyntheticRun.Write(_folder.Of("r"), 20, 10)], _folder.Of("none/report.html"), cancellation: Token));

        Assert.Contains("is no run directory", none.Message, StringComparison.Ordinal);
        Assert.Contains("cannot write", unwritable.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private string Report(string[] runs, out IReadOnlyList<string> missing)
    {
        missing = RunReport.Write(runs, _folder.Of("report.html"), cancellation: Token);
        return File.ReadAllText(_folder.Of("report.html"));
    }

    /// <summary>A short training on a list whose classes and files have names that would be markup.</summary>
    private string TrainOnAttackingNames()
    {
        string[] labels = [Attack, "\"><img src=x onerror=alert(2)>", "plain & simple"];
        var rows = Enumerable.Range(0, 60).Select(i => (Name: $"<i>{i:D2}.png", Label: labels[i % labels.Length])).ToList();
        for (int i = 0; i < rows.Count; i++)
        {
            _folder.Write($"data/{rows[i].Name}", i == 7 ? [1, 2, 3] : Pictures.Png(20, 20, channels: 3, seed: i));
        }
        string list = _folder.Write("data/list.csv", string.Join('\n', rows.Select(r => $"\"{r.Name}\",\"{r.Label.Replace("\"", "\"\"", StringComparison.Ordinal)}\"").Prepend("path,label")));
        string path = _folder.Of("run");
        using var run = RunDirectory.Open(path, ExistingRun.Refuse);
        Pretraining.Run(SmallRun.Options() with { Data = new() { ImageSize = 16, Workers = 1, Path = list } }, run, cancellation: Token);
        return path;
    }
}
