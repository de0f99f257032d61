using System.Globalization;
using ByolSharp.Sources;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Text.Sources;

/// <summary>A file whose records are texts.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">What its texts are named after.</param>
/// <param name="Format">How its records become texts.</param>
/// <param name="IsTemporary">Whether it is of no use any more when the table is closed.</param>
internal sealed record TableFile(string Path, string Name, RowFormat Format, bool IsTemporary = false);

/// <summary>
/// The records of files as texts. Texts stay on disk: of every sixteenth record its place is kept, half a byte a record, and where there are labels
/// those; a text is read when it is asked for.
/// </summary>
internal sealed class TextTable : TextDataset
{
    private const int Stride = 16, IndexBuffer = 1 << 20;
    private readonly List<Part> _parts = [];
    private readonly ClassLabels _labels;
    private readonly int _count;

    private TextTable(IEnumerable<TableFile> files, IReadOnlyList<string>? classNames)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var classes = new List<string?>();
        int blank = 0, tooLong = 0;
        try
        {
            foreach (var file in files)
            {
                var (part, format) = (new Part(file, _count), file.Format);
                _parts.Add(part);
                var reader = part.Read(0, IndexBuffer);
                for (bool isHeader = format.HasHeader; reader.Next(); isHeader = false)
                {
                    if (!isHeader)
                    {
                        part.Note(reader.Offset);
                        classes.AddRange(format.HasLabels ? [LabelOf(format, reader.Record, names)] : []);
                    }
                }
                _count += part.Count;
                (blank, tooLong) = (blank + reader.Blank, tooLong + reader.TooLong);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
        _labels = ClassLabels.FromNames(classes, classNames);
        Remarks = [.. new[] { Left(blank, "blank lines"), Left(tooLong, $"records longer than {RecordReader.Longest >> 20} MiB") }.OfType<string>()];
    }

    /// <inheritdoc />
    public override int Count => _count;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => _labels.Names;

    /// <inheritdoc />
    public override IReadOnlyList<string> Remarks { get; }

    /// <summary>Opens files.</summary>
    /// <param name="files">Each is asked for when those before it are open.</param>
    /// <param name="classNames">Class names in the order of their labels, or null.</param>
    /// <exception cref="UnusableDataException">They hold no text.</exception>
    internal static TextTable Open(IEnumerable<TableFile> files, IReadOnlyList<string>? classNames)
    {
        var table = new TextTable(files, classNames);
        if (table.Count == 0)
        {
            string name = table._parts[0].Name;
            table.Dispose();
            throw new UnusableDataException($"'{name}' holds no text: all of its lines are blank");
        }
        return table;
    }

    /// <inheritdoc />
    public override string NameOf(int index)
    {
        var part = PartOf(index);
        return string.Create(CultureInfo.InvariantCulture, $"{part.Name}#{index - part.First + 1}");
    }

    /// <inheritdoc />
    public override int LabelOf(int index) => _labels.Of(index);

    /// <inheritdoc />
    public override TextSample Read(int index)
    {
        var part = PartOf(index);
        var row = part.RowAt(index - part.First);
        return row.Text.Length > 0 && row.Pair is not "" ? new(row.Text, row.Pair) : throw new UnreadableSampleException("the text is empty");
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => _parts.ForEach(part => part.Dispose());

    private Part PartOf(int index) => _parts.FindLast(part => part.First <= index)!;

    /// <summary>The name of a record's class, one string for all that share it.</summary>
    private static string? LabelOf(RowFormat format, ReadOnlySpan<byte> record, Dictionary<string, string> names)
    {
        try
        {
            if (format.Parse(record).Label is not { Length: > 0 } label)
            {
                return null;
            }
            return names.TryGetValue(label, out string? known) ? known : names[label] = label;
        }
        catch (UnreadableSampleException)
        {
            return null; // reading it as a sample says why
        }
    }

    private static string? Left(int count, string what) =>
        count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{count:N0} {what} are left out");

    /// <summary>One file.</summary>
    private sealed class Part(TableFile file, int first) : IDisposable
    {
        private readonly SafeFileHandle _file = OpenHandle(file);
        private readonly List<long> _places = [];

        internal string Name => file.Name;

        /// <summary>The first of its samples.</summary>
        internal int First => first;

        internal int Count { get; private set; }

        public void Dispose() => _file.Dispose();

        internal RecordReader Read(long start, int bufferSize) => new(_file, start, file.Format.HasQuotes, bufferSize);

        internal void Note(long offset)
        {
            if (Count++ % Stride == 0)
            {
                _places.Add(offset);
            }
        }

        internal TextRow RowAt(int number)
        {
            var reader = Read(_places[number / Stride], 4096);
            for (int i = 0; i <= number % Stride; i++)
            {
                if (!reader.Next())
                {
                    throw new UnreadableSampleException("the file was cut short while it was in use");
                }
            }
            return file.Format.Parse(reader.Record);
        }

        /// <summary>A temporary file loses its name at once, where the system allows that, so that nothing is left of it however the program ends.</summary>
        private static SafeFileHandle OpenHandle(TableFile file)
        {
            bool namedToTheEnd = file.IsTemporary && OperatingSystem.IsWindows();
            var handle = File.OpenHandle(file.Path, options: FileOptions.RandomAccess | (namedToTheEnd ? FileOptions.DeleteOnClose : FileOptions.None));
            if (file.IsTemporary && !namedToTheEnd)
            {
                File.Delete(file.Path);
            }
            return handle;
        }
    }
}
