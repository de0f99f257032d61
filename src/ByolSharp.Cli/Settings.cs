using System.Text.Json.Nodes;

namespace ByolSharp.Cli;

/// <summary>Short flags as settings: --backbone resnet20 is --set backbone.name=resnet20.</summary>
internal static class Settings
{
    /// <summary>A setting, or null where the flag was not given.</summary>
    internal static string? Of<T>(string key, T value) => value is null ? null : $"{key}={JsonValue.Create(value)!.ToJsonString()}";

    /// <summary>Options with the flags applied, then the explicit settings, which win.</summary>
    internal static T Apply<T>(T options, IEnumerable<string?> flags, IEnumerable<string>? explicitly) =>
        flags.OfType<string>().Concat(explicitly ?? []).Aggregate(options, OptionsJson.Set);
}
