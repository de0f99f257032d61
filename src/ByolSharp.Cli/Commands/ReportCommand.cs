using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Reporting;
using ByolSharp.Training;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol report RUN…</c>.</summary>
internal static class ReportCommand
{
    private static readonly Argument<string[]> Runs = new("RUN") { Description = "The run directory; several are compared.", Arity = ArgumentArity.OneOrMore };
    private static readonly Option<string?> Out = new("--out", "-o") { Description = $"The HTML file. Default: {RunDirectory.ReportName} in the run, for several runs in this folder.", HelpName = "FILE" };
    private static readonly Option<int?> Samples = new("--samples") { Description = "Samples that the encoder looks at; 0 leaves out what needs it. Default: about ten seconds' worth, 300 to 5000." };

    internal static Command Create() => new Command("report", "Write a run, or several side by side, into one HTML file to mail.") { Runs, Out, Samples }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string[] runs = arguments.GetRequiredValue(Runs);
        string file = Path.GetFullPath(arguments.GetValue(Out) ?? (runs.Length == 1 ? Path.Combine(runs[0], RunDirectory.ReportName) : RunDirectory.ReportName));
        var options = new ReportOptions { Samples = arguments.GetValue(Samples) };
        var missing = terminal.Count("report", progress => RunReport.Write(runs, file, options, progress, cancellation));
        foreach (string line in missing)
        {
            terminal.Line($"not in the report: {line}");
        }
        terminal.Line($"report: {file} ({new FileInfo(file).Length / 1e6:0.0} MB)");
        terminal.Result(new JsonObject
        {
            ["out"] = file,
            ["bytes"] = new FileInfo(file).Length,
            ["missing"] = new JsonArray([.. missing.Select(m => JsonValue.Create(m))]),
        });
        return 0;
    }
}
