namespace ByolSharp.Cli.Tests;

/// <summary>The page that a training leaves behind, as a browser sees it.</summary>
public sealed class ReportTests : IDisposable
{
    private const int Interrupted = 130, BadUsage = 2;
    private const string Attack = "<script>alert(1)</script>";
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-report-").FullName;

    [Theory, InlineData(1280), InlineData(390)]
    public async Task A_browser_shows_every_figure_asks_for_nothing_and_complains_of_nothing(int width)
    {
        string run = Path.Combine(_folder, "run"), list = AttackingList();
        var outcome = ByolProcess.Run(["pretrain", list, .. Flags(run), "--eval-train", list, "--eval-test", list]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("report.html", outcome.Output, StringComparison.Ordinal);
        await using var browser = await Chromium.Open(Path.Combine(run, "report.html"), width);

        int figures = await browser.Ask<int>("document.querySelectorAll('.figure').length");
        Assert.InRange(figures, 15, 40);
        Assert.Equal(figures, await browser.Ask<int>("JSON.parse(document.getElementById('figures').textContent).length"));
        Assert.Equal(figures, await browser.Ask<int>("[...document.querySelectorAll('.figure svg')].filter(s => s.querySelectorAll('path').length > 1).length"));
        Assert.True(await browser.Ask<bool>("[...document.images].length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 0)"));
        Assert.Equal(
            ["curves", "views", "neighbours", "map", "classes", "data", "settings", "environment"],
            await browser.Ask<string[]>("[...document.querySelectorAll('section')].map(s => s.id)"));
        Assert.Contains(Attack, await browser.Ask<string[]>("[...document.querySelectorAll('#confusion tbody th')].map(t => t.textContent)"));
        Assert.True(await browser.Ask<bool>("document.documentElement.scrollWidth <= innerWidth"), "the page is wider than the screen");

        var points = browser.Page.Locator(".figure.map path[fill]:not([fill=none])");
        await points.Nth(await points.CountAsync() / 2).HoverAsync(new() { Force = true });
        await browser.Page.Locator(".tip .tile").First.WaitForAsync();
        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public void An_interrupted_training_leaves_a_report_and_none_where_none_is_wanted()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        string run = Path.Combine(_folder, "run"), quiet = Path.Combine(_folder, "quiet");
        using var process = ByolProcess.Start(["pretrain", "demo:train", .. Flags(run, steps: 100_000)]);
        PretrainTests.WaitForLines(Path.Combine(run, "metrics.jsonl"), 5, process);
        ByolProcess.Signal(process, ByolProcess.SigInt);

        Assert.Equal(Interrupted, ByolProcess.Finish(process).ExitCode);
        Assert.Contains("of 100,000.", File.ReadAllText(Path.Combine(run, "report.html")), StringComparison.Ordinal);
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(quiet)]);
        Assert.False(File.Exists(Path.Combine(quiet, "report.html")));
    }

    [Fact]
    public void A_report_that_cannot_be_written_never_fails_a_training()
    {
        string run = Path.Combine(_folder, "run");
        Directory.CreateDirectory(Path.Combine(run, "report.html", "in-the-way"));
        var outcome = ByolProcess.Run(["pretrain", "demo:train", .. Flags(run), "--json"]);

        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(4, outcome.Json["step"]!.GetValue<int>());
        Assert.Single(outcome.ErrorLines, line => line.StartsWith("warning: no report was written", StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(run, "encoder.safetensors")));
    }

    [Fact]
    public void The_command_reports_one_run_or_compares_several_and_refuses_what_is_none()
    {
        string one = Path.Combine(_folder, "one"), two = Path.Combine(_folder, "two"), file = Path.Combine(_folder, "both.html");
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(one)]);
        ByolProcess.Run(["pretrain", "demo:train", .. ByolProcess.Quick(two), "--seed", "1"]);
        var single = ByolProcess.Run("report", one, "--samples", "60", "--json");
        var both = ByolProcess.Run("report", one, two, "--out", file, "--json");

        Assert.Equal((0, 0), (single.ExitCode, both.ExitCode));
        Assert.Equal(Path.Combine(one, "report.html"), single.Json["out"]!.GetValue<string>());
        Assert.Empty(single.Json["missing"]!.AsArray());
        Assert.Contains("2 runs compared", File.ReadAllText(file), StringComparison.Ordinal);
        BadInputTests.AssertOneLine(ByolProcess.Run("report", _folder), BadUsage, _folder, "--out");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string[] Flags(string run, int steps = 4) => [.. ByolProcess.Quick(run, steps).Where(flag => flag != ByolProcess.WithoutReport)];

    /// <summary>Images whose classes and names would be markup if anybody let them.</summary>
    private string AttackingList()
    {
        string[] labels = [Attack, "\"><img src=x onerror=alert(2)>"];
        string images = NoiseImages.Write(Path.Combine(_folder, "<i>images"), count: 60);
        string list = Path.Combine(_folder, "list.csv");
        File.WriteAllLines(list, Directory.GetFiles(images).Order(StringComparer.Ordinal)
            .Select((file, i) => $"\"{file}\",\"{labels[i % 2].Replace("\"", "\"\"", StringComparison.Ordinal)}\"").Prepend("path,label"));
        return list;
    }
}
