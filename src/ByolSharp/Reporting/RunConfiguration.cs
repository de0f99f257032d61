using System.Globalization;
using System.Text.Json.Nodes;

namespace ByolSharp.Reporting;

/// <summary>config.json as a list of dotted keys, beside the preset that it came from.</summary>
internal sealed class RunConfiguration
{
    /// <summary>Keys that a run fills in from data and machine.</summary>
    private static readonly string[] _filledIn =
        ["backbone.imageSize", "backbone.inputChannels", "data.channels", "data.workers", "views.mean", "views.std", "trainer.measuredSteps"];

    private RunConfiguration(IReadOnlyDictionary<string, string> values, RunOptions? options, string problem)
    {
        (Values, Options, Problem) = (values, options, problem);
        Preset = values.GetValueOrDefault("preset", "");
        PresetValues = ByolSharp.Presets.All.FirstOrDefault(p => p.Name == Preset) is { } preset
            ? Leaves(OptionsJson.ToTree(preset.Options))
            : new Dictionary<string, string>();
    }

    /// <summary>Every key with its value as JSON; empty where there is no readable file.</summary>
    internal IReadOnlyDictionary<string, string> Values { get; }

    /// <summary>The options; null where this version does not understand the file.</summary>
    internal RunOptions? Options { get; }

    /// <summary>Why <see cref="Options"/> is null; else empty.</summary>
    internal string Problem { get; }

    /// <summary>Name of the preset.</summary>
    internal string Preset { get; }

    /// <summary>The preset's values; empty where this version has no such preset.</summary>
    internal IReadOnlyDictionary<string, string> PresetValues { get; }

    /// <summary>Keys that somebody chose otherwise than the preset has them.</summary>
    internal IReadOnlyList<string> Changed => [.. Differing.Except(_filledIn)];

    /// <summary>Keys that the preset left to data and machine.</summary>
    internal IReadOnlyList<string> FilledIn => [.. Differing.Intersect(_filledIn)];

    private IEnumerable<string> Differing =>
        PresetValues.Count == 0 ? [] : Values.Where(v => PresetValues.GetValueOrDefault(v.Key) != v.Value).Select(v => v.Key);

    /// <summary>Reads a file.</summary>
    internal static RunConfiguration Read(string path)
    {
        if (!File.Exists(path))
        {
            return new(new Dictionary<string, string>(), null, "config.json is missing");
        }
        if (ReportFiles.ReadJson(path) is not { } tree)
        {
            return new(new Dictionary<string, string>(), null, "config.json is not valid JSON");
        }
        try
        {
            return new(Leaves(tree), OptionsJson.Read(new RunOptions(), tree.ToJsonString(), path), "");
        }
        catch (ConfigurationException error)
        {
            return new(Leaves(tree), null, $"config.json is of another version: {error.Message}");
        }
    }

    /// <summary>Keys in which runs differ, in the order of the first run that has them.</summary>
    internal static IReadOnlyList<string> DifferingKeys(IReadOnlyList<RunConfiguration> runs) =>
        [.. runs.SelectMany(r => r.Values.Keys).Distinct().Where(key => runs.Select(r => r.Values.GetValueOrDefault(key)).Distinct().Count() > 1)];

    private static Dictionary<string, string> Leaves(JsonObject tree) => Leaves(tree, "").ToDictionary(l => l.Key, l => l.Value);

    private static IEnumerable<(string Key, string Value)> Leaves(JsonObject tree, string prefix) => tree.SelectMany(p =>
        p.Value is JsonObject group ? Leaves(group, prefix + p.Key + ".") : [(prefix + p.Key, Text(p.Value))]);

    private static string Text(JsonNode? value) => value switch
    {
        null => "none",
        JsonValue one when one.TryGetValue(out string? text) => text,
        JsonValue one when one.TryGetValue(out double number) => number.ToString(CultureInfo.InvariantCulture),
        JsonArray list => string.Join(", ", list.Select(Text)),
        _ => value.ToJsonString(),
    };
}
