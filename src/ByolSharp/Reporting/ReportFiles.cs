using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Reporting;

/// <summary>Reads what a report is made of and forgives what is damaged: a report of a broken run is worth most.</summary>
internal static class ReportFiles
{
    /// <summary>The JSON object in a file; null where there is none.</summary>
    internal static JsonObject? ReadJson(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A style sheet or script that travels with the library.</summary>
    internal static string Asset(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"report/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
