using Microsoft.Playwright;

namespace ByolSharp.Cli.Tests;

/// <summary>The browser of the system with a page open in it; everything that the page does besides showing itself is noted.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome"];
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly List<string> _complaints = [];

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page) => (_playwright, _browser, Page) = (playwright, browser, page);

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Errors, messages on the console, dialogs, and requests for anything but the file itself.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    /// <summary>Opens a file; skips the running test where there is no browser.</summary>
    public static async Task<Chromium> Open(string file, int width)
    {
        string? browserPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => _names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(browserPath is null, "no Chromium on the path; apt-get install chromium");
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = browserPath, Args = ["--no-sandbox"] });
        var page = await browser.NewPageAsync(new() { ViewportSize = new() { Width = width, Height = 900 } });
        var opened = new Chromium(playwright, browser, page);
        page.Console += (_, message) => opened._complaints.Add($"console {message.Type}: {message.Text}");
        page.PageError += (_, error) => opened._complaints.Add($"error: {error}");
        page.Dialog += (_, dialog) => opened._complaints.Add($"dialog: {dialog.Message}");
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal) && request.ResourceType != "document")
            {
                opened._complaints.Add($"request: {request.Url}");
            }
        };
        await page.GotoAsync(new Uri(file).AbsoluteUri);
        return opened;
    }

    /// <summary>The value of an expression in the page.</summary>
    public Task<T> Ask<T>(string expression) => Page.EvaluateAsync<T>(expression);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }
}
