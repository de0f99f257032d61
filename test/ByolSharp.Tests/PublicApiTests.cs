using System.Reflection;
using System.Runtime.CompilerServices;
using ByolSharp.ObjectStorage;
using ByolSharp.Onnx;
using ByolSharp.Search;
using Microsoft.ML;

namespace ByolSharp.Tests;

/// <summary>
/// What the packages promise is written down under PublicApi, so that a change of it is seen in review. To accept one, run this class with
/// BYOL_ACCEPT_API=1 and commit the files.
/// </summary>
public sealed class PublicApiTests
{
    private const string Accept = "BYOL_ACCEPT_API";

    public static TheoryData<string> Packages => [.. Assemblies.Keys];

    private static Dictionary<string, Assembly> Assemblies { get; } = new Assembly[] { typeof(Byol).Assembly, typeof(OnnxEncoder).Assembly, typeof(ObjectStore).Assembly, typeof(RepresentationIndex).Assembly, typeof(RepresentationCatalog).Assembly }
        .ToDictionary(assembly => assembly.GetName().Name!);

    [Theory, MemberData(nameof(Packages))]
    public void The_public_types_are_those_that_were_agreed_on(string package)
    {
        string file = Path.Combine(Path.GetDirectoryName(SourceFile())!, "PublicApi", $"{package}.txt");
        string actual = PublicApi.Describe(Assemblies[package]);
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            File.WriteAllText(file, actual);
        }

        string[] expected = File.ReadAllLines(file), lines = actual.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] changes = [.. expected.Except(lines).Select(line => $"- {line.Trim()}"), .. lines.Except(expected).Select(line => $"+ {line.Trim()}")];
        Assert.True(
            changes.Length == 0 && expected.SequenceEqual(lines),
            $"the public API of {package} changed; run this class with {Accept}=1 to accept:\n{string.Join('\n', changes.Take(20))}");
    }

    private static string SourceFile([CallerFilePath] string file = "") => file;
}
