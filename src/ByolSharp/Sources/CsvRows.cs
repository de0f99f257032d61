using System.Text;

namespace ByolSharp.Sources;

/// <summary>The rows of a CSV file (RFC 4180): cells between commas, in quotes where they hold commas, quotes or line breaks.</summary>
internal static class CsvRows
{
    /// <summary>Rows with the line they start on, from 1; empty lines are skipped.</summary>
    public static IEnumerable<(int Line, string[] Cells)> Read(string path)
    {
        using var lines = new StreamReader(path);
        int number = 0;
        while (lines.ReadLine() is { } row)
        {
            int start = ++number;
            while (row.AsSpan().Count('"') % 2 == 1)
            {
                number++;
                row += "\n" + (lines.ReadLine()
                    ?? throw new UnusableDataException($"line {start} of '{path}' opens a quote and never closes it"));
            }

            if (row.Length > 0)
            {
                yield return (start, Cells(row));
            }
        }
    }

    /// <summary>The cells of a row; a quote that is never closed reaches to its end.</summary>
    internal static string[] Cells(string row)
    {
        var cells = new List<string>();
        var cell = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < row.Length; i++)
        {
            bool isQuote = row[i] == '"';
            if (isQuote && quoted && i + 1 < row.Length && row[i + 1] == '"')
            {
                cell.Append(row[i++]);
            }
            else if (isQuote)
            {
                quoted = !quoted;
            }
            else if (row[i] == ',' && !quoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
            {
                cell.Append(row[i]);
            }
        }

        cells.Add(cell.ToString());
        return [.. cells];
    }
}
