namespace ByolSharp.Sources;

/// <summary>Samples named by a list: a .txt file or a .csv table. The order is that of the list.</summary>
internal static class FileList
{
    private static readonly string[] PathColumns = ["path", "file", "filename", "image", "video"];
    private static readonly string[] LabelColumns = ["label", "class"];

    /// <summary>A path a line; after a tab, optionally, a label.</summary>
    public static FilesBelow OpenText(string list, IReadOnlyList<string>? classNames)
    {
        var entries = new List<Entry>();
        int number = 0;
        foreach (string line in File.ReadLines(list))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line) && !line.StartsWith('#'))
            {
                string[] parts = line.Split('\t', 2);
                entries.Add(new Entry(number, parts[0].Trim(), parts.Length == 2 ? parts[1].Trim() : null));
            }
        }

        return Open(list, entries, classNames);
    }

    /// <summary>A header; a column of paths and, optionally, one of labels.</summary>
    public static FilesBelow OpenCsv(string list, IReadOnlyList<string>? classNames)
    {
        using IEnumerator<(int Line, string[] Cells)> rows = CsvRows.Read(list).GetEnumerator();
        string[] header = rows.MoveNext() ? rows.Current.Cells : [];
        int path = ColumnOf(header, PathColumns), label = ColumnOf(header, LabelColumns);
        if (path < 0)
        {
            throw new UnusableDataException($"'{list}' has no column 'path' or 'file' in its first line: {string.Join(", ", header)}");
        }

        var entries = new List<Entry>();
        while (rows.MoveNext())
        {
            (int line, string[] cells) = rows.Current;
            if (cells.Length != header.Length)
            {
                throw new UnusableDataException($"line {line} of '{list}' has {cells.Length} cells where the header has {header.Length}");
            }

            entries.Add(new Entry(line, cells[path].Trim(), label < 0 ? null : cells[label].Trim()));
        }

        return Open(list, entries, classNames);
    }

    private static FilesBelow Open(string list, List<Entry> entries, IReadOnlyList<string>? classNames)
    {
        if (entries.Count == 0)
        {
            throw new UnusableDataException($"'{list}' names no files");
        }

        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Entry entry in entries)
        {
            if (entry.Path.Length == 0)
            {
                throw new UnusableDataException($"line {entry.Line} of '{list}' has no path");
            }

            if (!lines.TryAdd(entry.Path, entry.Line))
            {
                throw new UnusableDataException($"line {entry.Line} of '{list}' repeats '{entry.Path}' of line {lines[entry.Path]}");
            }
        }

        string?[] classes = [.. entries.Select(e => string.IsNullOrEmpty(e.Label) ? null : e.Label)];
        return new FilesBelow(
            Path.GetDirectoryName(Path.GetFullPath(list))!,
            [.. entries.Select(e => e.Path)],
            ClassLabels.FromNamesOrNumbers(classes, classNames));
    }

    /// <summary>Which column has one of these names, in any case; -1 where none has.</summary>
    internal static int ColumnOf(string[] header, string[] names) =>
        Array.FindIndex(header, cell => names.Contains(cell.Trim(), StringComparer.OrdinalIgnoreCase));

    private readonly record struct Entry(int Line, string Path, string? Label);
}
