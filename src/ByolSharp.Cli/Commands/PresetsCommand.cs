using System.CommandLine;
using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol presets [NAME]</c>.</summary>
internal static class PresetsCommand
{
    private static readonly Argument<string?> Name = new("NAME") { Description = "Show all options of this preset.", Arity = ArgumentArity.ZeroOrOne };

    internal static Command Create() => new Command("presets", "List the recipes, or show one with all its options.") { Name }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if (arguments.GetValue(Name) is { } name)
        {
            var options = Presets.Get(name);
            terminal.Line(OptionsJson.Write(options));
            terminal.Result(OptionsJson.ToTree(options));
            return 0;
        }
        foreach (var preset in Presets.All)
        {
            terminal.Line($"{preset.Name,-20} {preset.Summary}");
        }
        terminal.Result(new JsonObject { ["presets"] = new JsonArray([.. Presets.All.Select(p => JsonValue.Create(p.Name))]) });
        return 0;
    }
}
