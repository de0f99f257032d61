using System.Globalization;
using ByolSharp.Sources;

namespace ByolSharp.Text.Sources;

/// <summary>Which columns of a table hold what, by number from 0; -1: none does.</summary>
/// <param name="Text">The text, in parts that are put together.</param>
/// <param name="Pair">The text that says the same.</param>
/// <param name="Label">The label.</param>
/// <param name="HasHeader">Whether the first row names the columns.</param>
internal sealed record TableColumns(IReadOnlyList<int> Text, int Pair, int Label, bool HasHeader)
{
    /// <summary>What columns with texts are called, the likeliest first.</summary>
    internal static readonly string[] TextNames = ["text", "sentence", "content", "question", "title"];

    /// <summary>What columns with labels are called, the likeliest first.</summary>
    internal static readonly string[] LabelNames = ["label", "class", "category", "target", "intent"];

    /// <summary>Finds the columns.</summary>
    /// <param name="rows">The first rows of the table, at least one.</param>
    /// <param name="options">What the user says of them.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="isNamed">True where the first row is known to name the columns.</param>
    /// <exception cref="ConfigurationException">A column that the options name is not there.</exception>
    internal static TableColumns Of(IReadOnlyList<string[]> rows, TextOptions options, string path, bool isNamed = false)
    {
        string[] header = rows[0];
        string[] wanted = [.. options.Column.Split('+', StringSplitOptions.RemoveEmptyEntries), options.PairColumn, options.LabelColumn];
        bool hasHeader = isNamed || wanted.Any(name => name.Length > 0 && !IsNumber(name))
            || HoldText(header) || header.Any(cell => LabelNames.Contains(cell, StringComparer.OrdinalIgnoreCase));
        string where = $"'{path}', whose {(isNamed ? "columns are" : "first row is")}";
        int text = FirstOf(header, TextNames, hasHeader);
        return new(
            options.Column.Length > 0 ? [.. options.Column.Split('+').Select(name => Find(header, name, "text.column", where))] : [text >= 0 ? text : Longest(rows)],
            options.PairColumn.Length > 0 ? Find(header, options.PairColumn, "text.pairColumn", where) : -1,
            options.LabelColumn.Length > 0 ? Find(header, options.LabelColumn, "text.labelColumn", where) : FirstOf(header, LabelNames, hasHeader),
            hasHeader);
    }

    /// <summary>Whether one of the names says that its column holds texts.</summary>
    internal static bool HoldText(IEnumerable<string> names) => names.Any(name => TextNames.Contains(name, StringComparer.OrdinalIgnoreCase));

    private static int FirstOf(string[] header, string[] names, bool hasHeader) =>
        hasHeader ? names.Select(name => FileList.ColumnOf(header, [name])).FirstOrDefault(column => column >= 0, -1) : -1;

    private static int Find(string[] header, string name, string key, string where)
    {
        int column = IsNumber(name) ? int.Parse(name, CultureInfo.InvariantCulture) - 1 : FileList.ColumnOf(header, [name]);
        return column >= 0 && column < header.Length
            ? column
            : throw new ConfigurationException($"{key} = {name} names no column of {where}: {string.Join(" | ", header.Select(Short))}");
    }

    private static bool IsNumber(string name) => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>The column with the longest cells.</summary>
    private static int Longest(IReadOnlyList<string[]> rows) =>
        Enumerable.Range(0, rows[0].Length).MaxBy(column => rows.Sum(row => column < row.Length ? row[column].Length : 0));

    private static string Short(string cell) => cell.Length <= 30 ? cell : $"{cell[..30]}…";
}
