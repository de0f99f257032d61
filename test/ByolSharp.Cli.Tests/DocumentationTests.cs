using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ByolSharp.Cli.Tests;

/// <summary>What the README shows is what the repository holds, and it runs.</summary>
public sealed class DocumentationTests
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", ".."));

    [Fact]
    public void The_readme_shows_the_example_program_word_for_word()
    {
        string program = string.Join('\n', File.ReadLines(Path.Combine(Root, "examples", "images.cs")).Where(l => !l.StartsWith("#:", StringComparison.Ordinal)));

        Assert.Contains(program.Trim(), File.ReadAllText(Path.Combine(Root, "README.md")), StringComparison.Ordinal);
    }

    [Theory, Trait("Speed", "Slow")]
    [InlineData("images.cs", "representations of")]
    [InlineData("own-backbone.cs", "60 steps")]
    [InlineData("texts.cs", "representations of 128 numbers")]
    [InlineData("videos.cs", "representations of 64 numbers")]
    public void The_examples_run(string file, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("byol-example-").FullName;
        try
        {
            using var process = Process.Start(new ProcessStartInfo("dotnet", ["run", "-c", "Release", Path.Combine(Root, "examples", file)])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var outcome = ByolProcess.Finish(process);

            Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
            Assert.Contains(expected, outcome.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_link_of_the_documentation_leads_somewhere()
    {
        string[] pages = [Path.Combine(Root, "README.md"), .. Directory.GetFiles(Path.Combine(Root, "docs"), "*.md")];

        Assert.All(pages, page => Assert.All(Links(File.ReadAllText(page)), link =>
            Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(page)!, link)), $"{page}: {link}")));
    }

    [Fact]
    public void Every_command_is_in_the_readme()
    {
        string readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        string help = ByolProcess.Run("--help").Output;
        string[] commands = [.. help[help.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1).Select(l => l.Trim().Split(' ')[0]).Where(c => c.Length > 0)];

        Assert.True(commands.Length >= 9);
        Assert.All(commands, command => Assert.Contains($"`{command}", readme, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Links(string text)
    {
        for (int i = text.IndexOf("](", StringComparison.Ordinal); i >= 0; i = text.IndexOf("](", i + 1, StringComparison.Ordinal))
        {
            string link = text[(i + 2)..text.IndexOf(')', i)];
            if (!link.Contains("://", StringComparison.Ordinal))
            {
                yield return link;
            }
        }
    }

    private static string SourceFile([CallerFilePath] string file = "") => file;
}
