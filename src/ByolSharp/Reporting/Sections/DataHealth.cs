using System.Globalization;

namespace ByolSharp.Reporting.Sections;

/// <summary>What is known of the data: how many, how large, what could not be read.</summary>
internal static class DataHealth
{
    private const int ShownFiles = 50, ShownClasses = 100;

    /// <summary>The section.</summary>
    /// <param name="run">The run, whose log of unreadable files counts.</param>
    /// <param name="samples">The data where they can be opened; null where not.</param>
    internal static Html Of(RunRecord run, IReportSamples? samples)
    {
        string unreadable = run.Quarantine.Count == 0
            ? "none was met in training"
            : string.Create(CultureInfo.InvariantCulture, $"{run.Quarantine.Count:N0} files were left out in training");
        (string, string)[] facts = [.. samples?.Facts ?? [], ("Unreadable files", unreadable), .. Waiting(run)];
        return Html.Of($"{Tables.Pairs(facts)}{Classes(samples?.Classes ?? [])}{Quarantine(run.Quarantine)}");
    }

    private static IEnumerable<(string, string)> Waiting(RunRecord run) => run.Metrics["data_wait"] is { } wait
        ? [("Waiting for data", $"{MetricStyle.Of("data_wait").Text(wait.Median)} of the time (median)")]
        : [];

    private static Html Classes(IReadOnlyList<(string Class, int Count)> classes) => classes.Count == 0 ? Html.Empty : Tables.Folded(
        $"{classes.Count} classes, {Number(classes.Min(c => c.Count))} samples in the smallest, {Number(classes.Max(c => c.Count))} in the largest (labels had no part in training)",
        Tables.Of(["class", "samples"], classes.OrderByDescending(c => c.Count).Take(ShownClasses).Select(c => (IReadOnlyList<string>)[c.Class, Number(c.Count)])));

    private static Html Quarantine(IReadOnlyList<(string Name, string Reason)> files) => files.Count == 0 ? Html.Empty : Tables.Folded(
        files.Count > ShownFiles ? $"The first {ShownFiles} of {Number(files.Count)} unreadable files (quarantine.txt has all)" : $"Unreadable files: {files.Count}",
        Tables.Of(["file", "reason"], files.Take(ShownFiles).Select(f => (IReadOnlyList<string>)[f.Name, f.Reason])));

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
