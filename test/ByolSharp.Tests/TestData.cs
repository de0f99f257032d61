using System.Runtime.CompilerServices;

namespace ByolSharp.Tests;

/// <summary>The real data sets that stand beside the checkout; tests that need an absent one skip and say so.</summary>
internal static class TestData
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(SourceFolder(), "..", "..", "..", "shared", "data"));

    /// <summary>Full path of a file or folder of the test data; skips the running test where it is absent.</summary>
    public static string Find(params string[] parts)
    {
        string path = Path.Combine([Root, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"test data not found: {path}");
        return path;
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
