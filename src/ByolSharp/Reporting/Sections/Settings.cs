namespace ByolSharp.Reporting.Sections;

/// <summary>Configuration and environment: what differs from the preset first, everything below.</summary>
internal static class Settings
{
    /// <summary>The configuration of a run.</summary>
    internal static Html Configuration(RunConfiguration configuration)
    {
        if (configuration.Values.Count == 0)
        {
            return Html.Of($"<p>{configuration.Problem}.</p>");
        }
        var changed = configuration.PresetValues.Count == 0
            ? Html.Of($"<p>This version has no preset {configuration.Preset} to compare with.</p>")
            : configuration.Changed.Count == 0 ? Html.Of($"<p>Nothing was changed from the preset {configuration.Preset}.</p>")
            : Html.Of($"<p>Changed from the preset <b>{configuration.Preset}</b>:</p>{Beside(configuration, configuration.Changed)}");
        var filled = configuration.FilledIn.Count == 0 ? Html.Empty
            : Tables.Folded("Filled in from data and machine", Tables.Pairs(configuration.FilledIn.Select(key => (key, configuration.Values[key]))));
        return Html.Of($"{changed}{filled}{Tables.Folded($"All {configuration.Values.Count} settings", Tables.Pairs(configuration.Values.Select(v => (v.Key, v.Value))))}");
    }

    /// <summary>environment.json.</summary>
    internal static Html Environment(RunRecord run) => run.Environment is null ? Html.Empty
        : Tables.Pairs(run.Environment.Select(p => (p.Key, p.Value?.ToString() ?? "")));

    private static Html Beside(RunConfiguration configuration, IEnumerable<string> keys) => Tables.Of(
        ["setting", "this run", "preset"],
        keys.Select(key => (IReadOnlyList<string>)[key, configuration.Values[key], configuration.PresetValues.GetValueOrDefault(key, "not there")]));
}
