using System.Globalization;
using System.Text.Json.Nodes;

namespace ByolSharp.Reporting;

/// <summary>A result under eval/: its own figures, and the rows of the tables that it holds.</summary>
/// <param name="Name">The file's name without its ending, such as knn-eval.</param>
/// <param name="Figures">The values that stand alone.</param>
/// <param name="Rows">The objects of its lists, for results that compare several encoders.</param>
internal sealed record EvaluationFile(string Name, JsonObject Figures, IReadOnlyList<JsonObject> Rows)
{
    /// <summary>Top-1 accuracy in [0, 1]; null where the file has none of its own.</summary>
    internal double? Top1 => Number("top1");

    /// <summary>Test samples; null where the file does not say.</summary>
    internal double? NTest => Number("n_test");

    /// <summary>All results of a run in the order of their names; files that are no JSON object are passed over.</summary>
    internal static IReadOnlyList<EvaluationFile> ReadAll(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => (Name: Path.GetFileNameWithoutExtension(file), Tree: ReportFiles.ReadJson(file)))
            .Where(file => file.Tree is not null)
            .Select(file => new EvaluationFile(file.Name, file.Tree!, [.. file.Tree!.Select(p => p.Value).OfType<JsonArray>().SelectMany(a => a.OfType<JsonObject>())])),
    ];

    /// <summary>A value for people: accuracies in per cent, numbers short.</summary>
    internal static string Text(string key, JsonNode? value) => value switch
    {
        null => "",
        JsonValue one when one.TryGetValue(out double number) => IsAccuracy(key) ? number.ToString("0.0%", CultureInfo.InvariantCulture) : MetricStyle.Number(number),
        JsonValue one when one.TryGetValue(out string? text) => text,
        _ => value.ToJsonString(),
    };

    /// <summary>A key for people: knn_top1 is "kNN top-1".</summary>
    internal static string Heading(string key) => key.Replace('_', ' ').Replace("knn", "kNN", StringComparison.Ordinal)
        .Replace("top1", "top-1", StringComparison.Ordinal).Replace("top5", "top-5", StringComparison.Ordinal);

    private static bool IsAccuracy(string key) =>
        key.Contains("top1", StringComparison.Ordinal) || key.Contains("top5", StringComparison.Ordinal) || key is "mean_per_class";

    private double? Number(string key) => Figures[key] is JsonValue value && value.TryGetValue(out double number) ? number : null;
}
