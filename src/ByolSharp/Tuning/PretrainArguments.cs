using System.Globalization;
using System.Text.Json.Nodes;

namespace ByolSharp.Tuning;

/// <summary>Options as the words of a command line: the preset, and a setting for each key that differs from it.</summary>
public static class PretrainArguments
{
    /// <summary>Keys that a command line names in another way, or that the run fills in.</summary>
    private static readonly string[] Elsewhere = ["preset", "data.path", "trainer.measuredSteps"];

    /// <summary>The command that pre-trains with these options.</summary>
    /// <param name="options">The options; their preset says where the differences start.</param>
    /// <param name="run">The run directory.</param>
    public static string Command(RunOptions options, string run)
    {
        var preset = Presets.Get(options.Preset);
        var settings = Differences(preset, options).Where(s => !Elsewhere.Contains(s.Key)).Select(s => $"--set {Quoted($"{s.Key}={s.Value}")}");
        return string.Join(' ', ["byol pretrain", Quoted(options.Data.Path), "--out", Quoted(run), "--preset", options.Preset, .. settings]);
    }

    /// <summary>The same where a file holds the options.</summary>
    public static string CommandFor(RunOptions options, string run, string file) =>
        $"byol pretrain {Quoted(options.Data.Path)} --out {Quoted(run)} --config {Quoted(file)}";

    /// <summary>The keys whose values differ, in the order of the configuration, with the second one's values as --set takes them.</summary>
    public static IReadOnlyList<(string Key, string Value)> Differences<T>(T from, T to)
    {
        var (before, after) = (OptionsJson.ToTree(from), OptionsJson.ToTree(to));
        return [.. OptionsJson.Keys(to).Select(key => (Key: key, Before: At(before, key), After: At(after, key)))
            .Where(k => !JsonNode.DeepEquals(k.Before, k.After))
            .Select(k => (k.Key, Text(k.After)))];
    }

    private static JsonNode? At(JsonObject tree, string key) => key.Split('.').Aggregate((JsonNode?)tree, (node, part) => (node as JsonObject)?[part]);

    private static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonValue text when text.TryGetValue(out string? plain) => plain,
        JsonValue number when number.TryGetValue(out double plain) => plain.ToString(CultureInfo.InvariantCulture),
        _ => value.ToJsonString(),
    };

    /// <summary>For a POSIX shell.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:=,+%@".Contains(c, StringComparison.Ordinal)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
