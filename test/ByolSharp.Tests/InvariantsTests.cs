using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ByolSharp.Tests;

/// <summary>The table of invariants in docs/byol.md names tests that exist, for every invariant.</summary>
public sealed partial class InvariantsTests
{
    private const int Invariants = 28;

    [Fact]
    public void Every_invariant_is_in_the_table_and_every_test_it_names_exists()
    {
        string page = Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", "..", "docs", "byol.md");
        string[][] rows = [.. File.ReadLines(page).Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 5 && int.TryParse(cells[1], out _))];
        var tests = typeof(InvariantsTests).Assembly.GetTypes().SelectMany(t => t.GetMethods())
            .Where(m => m.GetCustomAttribute<FactAttribute>() is not null).Select(m => m.Name).ToHashSet();

        Assert.Equal(Enumerable.Range(1, Invariants), rows.Select(cells => int.Parse(cells[1], null)));
        Assert.All(rows.SelectMany(cells => TestName().Matches(cells[3])), name => Assert.Contains(name.Groups[1].Value, tests));
        Assert.All(rows, cells => Assert.True(TestName().IsMatch(cells[3]) || cells[3].StartsWith("not yet", StringComparison.Ordinal), cells[3]));
    }

    [GeneratedRegex("`([A-Z]\\w+)`")]
    private static partial Regex TestName();

    private static string SourceFile([CallerFilePath] string file = "") => file;
}
