namespace ByolSharp.Reporting;

/// <summary>The page around the sections: everything that it needs lies in the one file, and it may not ask for more.</summary>
internal static class Page
{
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

    /// <summary>Puts a page together.</summary>
    /// <param name="title">What the report is about.</param>
    /// <param name="sections">What it holds, from above; empty ones are left out.</param>
    /// <param name="figures">Data of the plots in them.</param>
    /// <param name="tiles">Samples that the map shows; null without a map.</param>
    internal static Html Of(string title, IEnumerable<Section> sections, Figures figures, SampleTiles? tiles)
    {
        Section[] shown = [.. sections.Where(s => !s.Body.IsEmpty)];
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <meta name="color-scheme" content="light dark">
            <title>{title} · ByolSharp report</title>
            <style>{Html.Raw(ReportFiles.Asset("report.css"))}{tiles?.Style ?? Html.Empty}</style>
            </head>
            <body>
            <nav aria-label="Sections">{shown.Where(s => s.Title.Length > 0).Select(s => Html.Of($"<a href=\"#{s.Id}\">{s.Title}</a>"))}</nav>
            <main>
            {shown.Select(s => s.Title.Length == 0 ? s.Body : Html.Of($"<section id=\"{s.Id}\"><h2>{s.Title}</h2>{s.Body}</section>\n"))}
            </main>
            <footer>Written by ByolSharp. Plots by Apache ECharts (Apache-2.0). This page is complete: it works without a network.</footer>
            {figures.Data()}
            <template id="tiles">{tiles?.Tiles ?? []}</template>
            <script>{Html.Raw(ReportFiles.Asset("echarts.js"))}</script>
            <script>{Html.Raw(ReportFiles.Asset("report.js"))}</script>
            </body>
            </html>

            """);
    }
}

/// <summary>A part of the page.</summary>
/// <param name="Id">Where links lead.</param>
/// <param name="Title">Its heading; empty for the part above all.</param>
/// <param name="Body">What it holds; empty where there is nothing to show.</param>
internal sealed record Section(string Id, string Title, Html Body);
