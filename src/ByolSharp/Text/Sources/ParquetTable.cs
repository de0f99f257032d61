using System.Globalization;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace ByolSharp.Text.Sources;

/// <summary>
/// A Parquet file as the rows of a table. Its parts are compressed in the thousands, so that a single text cannot be fetched: its columns of interest are unpacked
/// once, one group of rows after the other, into a file of the system's temporary folder, from where texts are read like those of any table.
/// </summary>
internal static class ParquetTable
{
    private const int RowsLookedAt = 100;

    /// <summary>Unpacks a file.</summary>
    /// <param name="path">The Parquet file.</param>
    /// <param name="options">Which of its columns count.</param>
    /// <returns>The unpacked table, which belongs to the caller.</returns>
    /// <exception cref="UnusableDataException">It is no Parquet file that can be read, or has no column with values of its own.</exception>
    /// <exception cref="ConfigurationException">A column that the options name is not there.</exception>
    /// <exception cref="StorageException">The temporary folder cannot take it.</exception>
    internal static TableFile Unpack(string path, TextOptions options)
    {
        string unpacked = Path.Combine(Path.GetTempPath(), $"byol-texts-{Guid.NewGuid():N}.csv");
        try
        {
            bool hasLabels = UnpackAsync(path, options, unpacked).GetAwaiter().GetResult();
            var columns = new TableColumns([0], options.PairColumn.Length > 0 ? 1 : -1, hasLabels ? 2 : -1, HasHeader: false);
            return new(unpacked, Path.GetFileName(path), new CellFormat(new(), columns, ','), IsTemporary: true);
        }
        catch (Exception e)
        {
            File.Delete(unpacked);
            if (e is ByolException or OutOfMemoryException)
            {
                throw;
            }
            throw new UnusableDataException($"'{path}' is no Parquet file that can be read: {e.Message}", e); // a damaged file makes its reader throw anything
        }
    }

    /// <summary>Writes text, pair and label of every row; true where there are labels.</summary>
    private static async Task<bool> UnpackAsync(string path, TextOptions options, string unpacked)
    {
        await using var reader = await ParquetReader.CreateAsync(path);
        DataField[] fields = [.. reader.Schema.DataFields.Where(field => field.Path.Length == 1 && field.MaxRepetitionLevel == 0)];
        if (fields.Length == 0)
        {
            throw new UnusableDataException($"'{path}' has no column of plain values");
        }
        var columns = TableColumns.Of(await FirstRows(reader, fields, options), options, path, isNamed: true);
        int[] wanted = [.. columns.Text, .. new[] { columns.Pair, columns.Label }.Where(column => column >= 0)];
        await using var writer = Create(unpacked);
        for (int number = 0; number < reader.RowGroupCount; number++)
        {
            using var group = reader.OpenRowGroupReader(number);
            var values = new Dictionary<int, string?[]>();
            foreach (int column in wanted.Distinct())
            {
                values[column] = await ReadColumn(group, fields[column]);
            }
            WriteRows(writer, (int)group.RowCount, columns, values);
        }
        return columns.Label >= 0;
    }

    private static void WriteRows(StreamWriter writer, int count, TableColumns columns, Dictionary<int, string?[]> values)
    {
        try
        {
            for (int row = 0; row < count; row++)
            {
                Write(writer, string.Join(' ', columns.Text.Select(column => values[column][row]?.Trim())).Trim(), ',');
                Write(writer, columns.Pair < 0 ? null : values[columns.Pair][row], ',');
                Write(writer, columns.Label < 0 ? null : values[columns.Label][row], '\n');
            }
            writer.Flush();
        }
        catch (IOException e)
        {
            throw Full(Path.GetTempPath(), e);
        }
    }

    /// <summary>Names, then rows, as far as they are needed to see which column has the longest cells.</summary>
    private static async Task<string[][]> FirstRows(ParquetReader reader, DataField[] fields, TextOptions options)
    {
        string[] names = [.. fields.Select(field => field.Name)];
        if (reader.RowGroupCount == 0 || options.Column.Length > 0 || TableColumns.HoldText(names))
        {
            return [names];
        }
        using var group = reader.OpenRowGroupReader(0);
        var columns = new List<string?[]>();
        foreach (var field in fields)
        {
            columns.Add((await ReadColumn(group, field))[..(int)Math.Min(RowsLookedAt, group.RowCount)]);
        }
        return [names, .. Enumerable.Range(0, columns[0].Length).Select(row => columns.Select(column => column[row] ?? "").ToArray())];
    }

    /// <summary>A column of a group of rows; null where there is no value.</summary>
    private static async Task<string?[]> ReadColumn(ParquetRowGroupReader group, DataField field)
    {
        int count = (int)group.RowCount;
        if (field.ClrType == typeof(ReadOnlyMemory<char>)) // what the library calls strings
        {
            var texts = new string?[count];
            await group.ReadAsync(field, texts.AsMemory()!);
            return texts;
        }
        if (field.ClrType == typeof(ReadOnlyMemory<byte>))
        {
            var bytes = new byte[]?[count];
            await group.ReadAsync(field, bytes.AsMemory()!);
            return [.. bytes.Select(value => value is null ? null : Encoding.UTF8.GetString(value))];
        }
        return Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Boolean => await ReadNumbers<bool>(group, field, count),
            TypeCode.Byte => await ReadNumbers<byte>(group, field, count),
            TypeCode.SByte => await ReadNumbers<sbyte>(group, field, count),
            TypeCode.Int16 => await ReadNumbers<short>(group, field, count),
            TypeCode.UInt16 => await ReadNumbers<ushort>(group, field, count),
            TypeCode.Int32 => await ReadNumbers<int>(group, field, count),
            TypeCode.UInt32 => await ReadNumbers<uint>(group, field, count),
            TypeCode.Int64 => await ReadNumbers<long>(group, field, count),
            TypeCode.UInt64 => await ReadNumbers<ulong>(group, field, count),
            TypeCode.Single => await ReadNumbers<float>(group, field, count),
            TypeCode.Double => await ReadNumbers<double>(group, field, count),
            _ => new string?[count], // dates and the like are no texts and no labels
        };
    }

    private static async Task<string?[]> ReadNumbers<T>(ParquetRowGroupReader group, DataField field, int count) where T : struct
    {
        if (field.IsNullable)
        {
            var some = new T?[count];
            await group.ReadAsync<T>(field, some.AsMemory());
            return [.. some.Select(value => value is { } number ? Convert.ToString(number, CultureInfo.InvariantCulture) : null)];
        }
        var all = new T[count];
        await group.ReadAsync<T>(field, all.AsMemory());
        return [.. all.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))];
    }

    private static StreamWriter Create(string file)
    {
        try
        {
            return new(new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Full(Path.GetTempPath(), e);
        }
    }

    private static StorageException Full(string folder, Exception e) =>
        new($"Parquet files are unpacked into '{folder}', which does not work: {e.Message}; name another folder with TMPDIR", e);

    /// <summary>A cell in quotes: half a pair of surrogates, which no file can hold, becomes a replacement character.</summary>
    private static void Write(StreamWriter writer, string? cell, char end)
    {
        writer.Write('"');
        writer.Write(cell?.Replace("\"", "\"\"", StringComparison.Ordinal));
        writer.Write('"');
        writer.Write(end);
    }
}
