using System.CommandLine;
using ByolSharp.Text;

namespace ByolSharp.Cli;

/// <summary>How the files of texts are laid out, where it is not as in training or as it shows by itself.</summary>
internal sealed class TextColumns
{
    private readonly Option<string?> _column = new("--text-column") { Description = "Column of a table with the text, by name or number; a+b puts two together (text.column)." };
    private readonly Option<string?> _label = new("--label-column") { Description = "Column with the label (text.labelColumn)." };
    private readonly Option<LineLabel?> _lineLabel = new("--line-label") { Description = "The label before the text of a line: word, or coarse for COARSE:fine (text.lineLabel)." };
    private readonly Option<TextEncoding?> _encoding = new("--text-encoding") { Description = "utf8 or latin1 (text.encoding)." };

    internal void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_column, _label, _lineLabel, _encoding])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Options with what the arguments say.</summary>
    internal TextOptions Apply(ParseResult arguments, TextOptions options) => options with
    {
        Column = arguments.GetValue(_column) ?? options.Column,
        LabelColumn = arguments.GetValue(_label) ?? options.LabelColumn,
        LineLabel = arguments.GetValue(_lineLabel) ?? options.LineLabel,
        Encoding = arguments.GetValue(_encoding) ?? options.Encoding,
    };
}
