using System.Runtime.CompilerServices;

namespace ByolSharp.Tests.Reference;

/// <summary>The committed lists that results are compared with.</summary>
internal static class ReferenceFile
{
    /// <summary>Lines "name shape" as a dictionary, without comments (#); a scalar's shape is written as "scalar".</summary>
    public static Dictionary<string, long[]> Shapes(string name) => File.ReadLines(Path.Combine(SourceFolder(), name))
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => parts[1] == "scalar" ? [] : parts[1].Split('x').Select(long.Parse).ToArray());

    /// <summary>The whole of a file.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(SourceFolder(), name));

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
