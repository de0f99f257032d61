using ByolSharp.Sources;
using ByolSharp.Text.Sources;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Text;

/// <summary>Opens texts of any kind that is known, recognised from what they are.</summary>
public static class TextSources
{
    private const int RowsLookedAt = 100;
    private const string Parquet = ".parquet";
    private static readonly string[] Tables = [".csv", ".tsv", ".jsonl", ".ndjson", Parquet];

    /// <summary>Opens text data.</summary>
    /// <param name="data">
    /// <list type="bullet">
    /// <item>a .csv (RFC 4180), .tsv (no quotes), .jsonl or .parquet file, or a folder with some of them: <see cref="TextOptions.Column"/> and its fellows say what
    /// their columns are;</item>
    /// <item>a folder with documents (.txt, .text, .md), their labels the names of its folders, or tar shards of such;</item>
    /// <item>any other file: a text a line.</item>
    /// </list>
    /// </param>
    /// <param name="options">Columns and encoding; null: the defaults.</param>
    /// <param name="classNames">Class names in the order of their labels, so that a test set gets the labels of its training set; null: those of the data.</param>
    /// <returns>The texts in the order of their files; files in ordinal order of their names.</returns>
    /// <exception cref="UnusableDataException">Nothing is there, or nothing that is known.</exception>
    /// <exception cref="ConfigurationException">A column that the options name is not there.</exception>
    public static TextDataset Open(string data, TextOptions? options = null, IReadOnlyList<string>? classNames = null) =>
        new Opener(options ?? new(), classNames).Open(data);

    /// <summary>Opens single documents, named as they are given, without labels.</summary>
    /// <param name="files">Paths; each file is one text.</param>
    /// <exception cref="UnusableDataException">One is not there.</exception>
    public static TextDataset OpenFiles(IReadOnlyList<string> files) => new Opener(new(), null).OpenFiles(files);

    private sealed class Opener(TextOptions options, IReadOnlyList<string>? classNames) : SourceOpener<TextDataset>(TextDocuments.Kind, classNames)
    {
        protected override string OtherFiles => "tables (*.csv, *.tsv, *.jsonl, *.parquet)";

        protected override TextDataset Wrap(StoredSamples samples) => new TextDocuments(samples, options);

        protected override TextDataset? OpenOtherFile(string file, string name) =>
            Path.GetExtension(name) is ".tar" or ".tgz" || name.Contains(".tar.", StringComparison.Ordinal) ? null : OpenTables([file]);

        protected override TextDataset? OpenOtherFolder(string[] files)
        {
            string[] tables = [.. files.Where(file => Tables.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
            return tables.Length > 0 ? OpenTables(tables) : null;
        }

        private TextTable OpenTables(string[] files) => TextTable.Open(files.Select(TableOf), ClassNames);

        private TableFile TableOf(string file) => Path.GetExtension(file).Equals(Parquet, StringComparison.OrdinalIgnoreCase)
            ? ParquetTable.Unpack(file, options)
            : new(file, Path.GetFileName(file), FormatOf(file));

        private RowFormat FormatOf(string file) => Path.GetExtension(file).ToLowerInvariant() switch
        {
            ".csv" => Cells(file, ','),
            ".tsv" => Cells(file, '\t'),
            ".jsonl" or ".ndjson" => new JsonLineFormat(options),
            _ => new LineFormat(options),
        };

        private CellFormat Cells(string file, char separator)
        {
            var whole = new CellFormat(options, new([0], -1, -1, HasHeader: false), separator);
            var rows = new List<string[]>();
            using SafeFileHandle handle = File.OpenHandle(file);
            var reader = new RecordReader(handle, 0, whole.HasQuotes);
            while (rows.Count < RowsLookedAt && reader.Next())
            {
                try
                {
                    rows.Add(whole.CellsOf(reader.Record));
                }
                catch (UnreadableSampleException) when (rows.Count > 0)
                {
                    // found again when it is read as a sample
                }
                catch (UnreadableSampleException e)
                {
                    throw new UnusableDataException($"the first row of '{file}' cannot be read: {e.Message}", e);
                }
            }
            return rows.Count > 0 ? new(options, TableColumns.Of(rows, options, file), separator) : throw new UnusableDataException($"'{file}' is empty");
        }
    }
}
