using System.Text;
using System.Text.Json;
using ByolSharp.Sources;

namespace ByolSharp.Text.Sources;

/// <summary>What a record of a file holds.</summary>
/// <param name="Text">The text; empty where it has none.</param>
/// <param name="Pair">The text beside it, or null.</param>
/// <param name="Label">The name of its class, or null.</param>
internal sealed record TextRow(string Text, string? Pair, string? Label);

/// <summary>How the records of a file become texts.</summary>
internal abstract class RowFormat(TextOptions options)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a quoted cell may hold line breaks.</summary>
    internal virtual bool HasQuotes => false;

    /// <summary>Whether the first record names the columns.</summary>
    internal virtual bool HasHeader => false;

    /// <summary>Whether records have labels.</summary>
    internal abstract bool HasLabels { get; }

    /// <summary>Reads a record.</summary>
    /// <exception cref="UnreadableSampleException">It is not what it should be.</exception>
    internal abstract TextRow Parse(ReadOnlySpan<byte> record);

    /// <summary>The characters of a record.</summary>
    /// <exception cref="UnreadableSampleException">They are not UTF-8, where that was asked for.</exception>
    protected string Decode(ReadOnlySpan<byte> record)
    {
        try
        {
            return options.Encoding == TextEncoding.Latin1 ? Encoding.Latin1.GetString(record) : Strict.GetString(record).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new UnreadableSampleException($"byte {e.Index + 1} of the record is not UTF-8: mend it, or set text.encoding = latin1 where all of the file is", e);
        }
    }
}

/// <summary>A text a line, with a label before it where the options say so.</summary>
internal sealed class LineFormat(TextOptions options) : RowFormat(options)
{
    private readonly LineLabel _label = options.LineLabel;

    internal override bool HasLabels => _label != LineLabel.None;

    internal override TextRow Parse(ReadOnlySpan<byte> record)
    {
        string line = Decode(record).Trim();
        if (_label == LineLabel.None)
        {
            return new(line, null, null);
        }
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        string first = space < 0 ? line : line[..space];
        return new(space < 0 ? "" : line[(space + 1)..].Trim(), null, _label == LineLabel.Coarse ? first.Split(':')[0] : first);
    }
}

/// <summary>Cells between separators.</summary>
/// <param name="options">Which columns count.</param>
/// <param name="columns">Where they are.</param>
/// <param name="separator">A comma or a tab.</param>
internal sealed class CellFormat(TextOptions options, TableColumns columns, char separator) : RowFormat(options)
{
    internal override bool HasQuotes => separator == ',';

    internal override bool HasHeader => columns.HasHeader;

    internal override bool HasLabels => columns.Label >= 0;

    internal override TextRow Parse(ReadOnlySpan<byte> record)
    {
        string[] cells = CellsOf(record);
        return new(
            string.Join(' ', columns.Text.Select(column => Cell(cells, column).Trim())).Trim(),
            columns.Pair < 0 ? null : Cell(cells, columns.Pair).Trim(),
            columns.Label < 0 ? null : Cell(cells, columns.Label).Trim());
    }

    /// <summary>All cells of a record.</summary>
    internal string[] CellsOf(ReadOnlySpan<byte> record) => HasQuotes ? CsvRows.Cells(Decode(record)) : Decode(record).Split(separator);

    private static string Cell(string[] cells, int column) => column < cells.Length
        ? cells[column]
        : throw new UnreadableSampleException($"the row has {cells.Length} cells, and cell {column + 1} is wanted");
}

/// <summary>An object of JSON a line.</summary>
internal sealed class JsonLineFormat(TextOptions options) : RowFormat(options)
{
    private readonly string[] _text = options.Column.Length > 0 ? options.Column.Split('+') : [];
    private readonly string _pair = options.PairColumn;
    private readonly string[] _label = options.LabelColumn.Length > 0 ? [options.LabelColumn] : TableColumns.LabelNames;

    internal override bool HasLabels => true;

    internal override TextRow Parse(ReadOnlySpan<byte> record)
    {
        try
        {
            using var document = JsonDocument.Parse(Decode(record));
            var root = document.RootElement;
            string text = _text.Length > 0 ? string.Join(' ', _text.Select(name => Value(root, name) ?? throw Missing(name))) : FirstOf(root, TableColumns.TextNames) ?? throw Missing("text");
            return new(text.Trim(), _pair.Length > 0 ? Value(root, _pair) ?? throw Missing(_pair) : null, FirstOf(root, _label));
        }
        catch (JsonException e)
        {
            throw new UnreadableSampleException($"the line is no JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw new UnreadableSampleException("the line is no object of JSON, or holds half a character", e);
        }
    }

    private static UnreadableSampleException Missing(string name) => new($"the object has no '{name}'; text.column and text.pairColumn name what it should have");

    private static string? FirstOf(JsonElement root, string[] names) => names.Select(name => Value(root, name)).FirstOrDefault(value => value is not null);

    private static string? Value(JsonElement root, string name) => root.TryGetProperty(name, out var value) ? value.ToString() : null;
}
