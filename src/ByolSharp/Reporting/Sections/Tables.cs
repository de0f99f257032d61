namespace ByolSharp.Reporting.Sections;

/// <summary>Tables as the page has them.</summary>
internal static class Tables
{
    /// <summary>Names and values, a row each.</summary>
    internal static Html Pairs(IEnumerable<(string Name, string Value)> rows) =>
        Html.Of($"<div class=\"wide\"><table class=\"pairs\">{rows.Select(r => Html.Of($"<tr><th scope=\"row\">{r.Name}</th><td>{r.Value}</td></tr>"))}</table></div>");

    /// <summary>A table with headings; the first column names the row.</summary>
    internal static Html Of(IEnumerable<string> headings, IEnumerable<IReadOnlyList<string>> rows) => Html.Of($"""
        <div class="wide"><table><thead><tr>{headings.Select(h => Html.Of($"<th scope=\"col\">{h}</th>"))}</tr></thead>
        <tbody>{rows.Select(r => Html.Of($"<tr><th scope=\"row\">{r[0]}</th>{r.Skip(1).Select(c => Html.Of($"<td>{c}</td>"))}</tr>"))}</tbody></table></div>
        """);

    /// <summary>A part that opens on demand.</summary>
    internal static Html Folded(string summary, Html body) => Html.Of($"<details><summary>{summary}</summary>{body}</details>");
}
