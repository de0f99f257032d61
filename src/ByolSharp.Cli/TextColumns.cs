using System.CommandLine;
using ByolSharp.Text;

namespace ByolSharp.Cli;

/// <summary>How the files of texts are laid out, where it is not as in training or as it shows by itself.</summary>
internal sealed class TextColumns
{
    private readonly Option<string?> _column = new("--text-column") { Description = "Column of a table with the text, by name or number; a+b puts two together (text.column)." };
    private readonly Option<string?> _label = new("--label-column") { Description = "Column with the label (text.labelColumn)." };
    private readonly Option<string?> _lineLabel = new("--line-label") { Description = "The label before the text of a line: word, or coarse for COARSE:fine (text.lineLabel)." };
    private readonly Option<string?> _encoding = new("--text-encoding") { Description = "utf8 or latin1 (text.encoding)." };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_column, _label, _lineLabel, _encoding])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Options with what the arguments say.</summary>
    internal TextOptions Apply(ParseResult arguments, TextOptions options) => Settings.Apply(options, SettingsOf(arguments, ""), null);

    /// <summary>What the arguments say, as settings.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="group">What stands before the keys.</param>
    internal string?[] SettingsOf(ParseResult arguments, string group) =>
    [
        Settings.Of($"{group}column", arguments.GetValue(_column)),
        Settings.Of($"{group}labelColumn", arguments.GetValue(_label)),
        Settings.Of($"{group}lineLabel", arguments.GetValue(_lineLabel)),
        Settings.Of($"{group}encoding", arguments.GetValue(_encoding)),
    ];
}
