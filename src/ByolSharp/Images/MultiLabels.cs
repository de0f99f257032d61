using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>
/// Classes of images that may have several: a .csv list whose column <c>labels</c> holds names with semicolons between, such as <c>dog;person</c>. An
/// empty cell is an image with none of the classes. A name with a question mark, <c>dog?</c>, says that the image neither counts as having the
/// class nor as lacking it (VOC's "difficult").
/// </summary>
public sealed class MultiLabels
{
    private const string Column = "labels";
    private readonly sbyte[][] _truth;

    private MultiLabels(sbyte[][] truth, IReadOnlyList<string> classNames) => (_truth, ClassNames) = (truth, classNames);

    /// <summary>Class names, in ordinal order unless they were given.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>A value a class for an image, in the order of the list: 1 where it has the class, 0 where not, -1 where it does not count.</summary>
    public IReadOnlyList<sbyte> Of(int index) => _truth[index];

    /// <summary>Reads a list, whose images <see cref="ImageSources.Open"/> opens in the same order.</summary>
    /// <param name="list">The .csv file.</param>
    /// <param name="classNames">Names that are known, for a test set; null: those of the list.</param>
    /// <exception cref="UnusableDataException">The list has no such column or no class, repeats one in a cell, or names an unknown one.</exception>
    public static MultiLabels Read(string list, IReadOnlyList<string>? classNames = null)
    {
        if (!list.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || !File.Exists(list))
        {
            throw new UnusableDataException($"'{list}' is no .csv list: several classes an image need one with the columns path and {Column} (a;b;c)");
        }
        (int Line, string[] Cells)[] rows = [.. CsvRows.Read(list)];
        string[] header = rows.Length > 0 ? rows[0].Cells : [];
        int column = FileList.ColumnOf(header, [Column]);
        if (column < 0)
        {
            throw new UnusableDataException($"'{list}' has no column '{Column}' in its first line: {string.Join(", ", header)}");
        }
        (int Line, string[] Names)[] cells = [.. rows.Skip(1).Select(row => (row.Line, NamesOf(row.Cells.ElementAtOrDefault(column) ?? "")))];
        classNames ??= [.. cells.SelectMany(cell => cell.Names).Select(Plain).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (classNames.Count == 0)
        {
            throw new UnusableDataException($"'{list}' names no class in its column '{Column}': write for example dog;person");
        }
        var numbers = classNames.Index().ToDictionary(c => c.Item, c => c.Index, StringComparer.Ordinal);
        return new([.. cells.Select(cell => TruthOf(cell.Names, cell.Line, list, numbers))], classNames);
    }

    private static sbyte[] TruthOf(string[] names, int line, string list, Dictionary<string, int> numbers)
    {
        var truth = new sbyte[numbers.Count];
        foreach (string name in names)
        {
            if (!numbers.TryGetValue(Plain(name), out int number))
            {
                throw new UnusableDataException($"line {line} of '{list}' has class '{Plain(name)}', which the training list does not have");
            }
            if (truth[number] != 0)
            {
                throw new UnusableDataException($"line {line} of '{list}' names class '{Plain(name)}' twice");
            }
            truth[number] = (sbyte)(name.EndsWith('?') ? -1 : 1);
        }
        return truth;
    }

    private static string[] NamesOf(string cell) => cell.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Plain(string name) => name.TrimEnd('?');
}
