using System.Text.Json.Nodes;

namespace ByolSharp.Reporting.Sections;

/// <summary>The results under eval/, whatever protocols wrote them.</summary>
internal static class Evaluations
{
    private const string Low = "_low", High = "_high";

    /// <summary>A row for each result of each run, and a table for each result that compares encoders.</summary>
    internal static Html Of(IReadOnlyList<RunRecord> runs)
    {
        var results = runs.SelectMany(run => run.Evaluations.Select(e => (Run: run.Name, File: e))).ToList();
        var single = results.Where(r => r.File.Top1 is not null).ToList();
        string[] columns = [.. single.SelectMany(r => r.File.Figures.Where(p => p.Value is JsonValue).Select(p => p.Key)).Distinct().Where(IsColumn)];
        var all = single.Count == 0 ? Html.Empty : Tables.Of(
            [.. Named(runs, "run"), "evaluation", .. columns.Select(EvaluationFile.Heading)],
            single.Select(r => (IReadOnlyList<string>)[.. Named(runs, r.Run), r.File.Name, .. columns.Select(c => Cell(r.File.Figures, c))]));
        return Html.Of($"{all}{results.Where(r => r.File.Rows.Count > 0).Select(r => Rows(runs.Count > 1 ? $"{r.Run}: {r.File.Name}" : r.File.Name, r.File.Rows))}");
    }

    private static string[] Named(IReadOnlyList<RunRecord> runs, string name) => runs.Count > 1 ? [name] : [];

    private static Html Rows(string name, IReadOnlyList<JsonObject> rows)
    {
        string[] columns = [.. rows.SelectMany(r => r.Where(p => p.Value is JsonValue).Select(p => p.Key)).Distinct().Where(IsColumn)];
        return Html.Of($"<h3>{name}</h3>{Tables.Of(columns.Select(EvaluationFile.Heading), rows.Select(row => (IReadOnlyList<string>)[.. columns.Select(c => Cell(row, c))]))}");
    }

    /// <summary>A value with its interval, where it has one.</summary>
    private static string Cell(JsonObject row, string key)
    {
        string value = EvaluationFile.Text(key, row[key]);
        return row.ContainsKey(key + Low) ? $"{value} ({EvaluationFile.Text(key, row[key + Low])} to {EvaluationFile.Text(key, row[key + High])})" : value;
    }

    private static bool IsColumn(string key) => !key.EndsWith(Low, StringComparison.Ordinal) && !key.EndsWith(High, StringComparison.Ordinal);
}
