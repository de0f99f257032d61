using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace ByolSharp.Search;

/// <summary>
/// Representations with names, labels and the state of their files, in a SQLite database of one file. Whatever <see cref="Write"/> returned
/// from is kept, also where the process is killed or the machine loses power. One index is used by one thread at a time; of several
/// processes with one file each waits for the other's transaction.
/// </summary>
/// <remarks>
/// SQLite's rollback journal rather than its write-ahead log: nothing lies beside the file, and one on a read-only disk can be searched.
/// Open to other programs: the table <c>sample</c> has the columns name, label, stamp, content (16 bytes), error and representation (32-bit
/// floats, little-endian), the table <c>encoder</c> what is known about the encoder.
/// </remarks>
public sealed class RepresentationIndex : IDisposable
{
    private const string FingerprintKey = "fingerprint", SizeKey = "representation_size", SourceKey = "source";
    private const int BusySeconds = 30;
    private const int HashLength = 16;

    private const string Upsert = """
        INSERT INTO sample VALUES ($name, $label, $stamp, $content, $error, $representation)
        ON CONFLICT (name) DO UPDATE SET label = excluded.label, stamp = excluded.stamp, content = excluded.content, error = excluded.error,
            representation = excluded.representation
        """;

    private readonly SqliteConnection _connection;
    private readonly string _path;

    private RepresentationIndex(SqliteConnection connection, string path) =>
        (_connection, _path, Encoder) = (connection, path, ReadEncoder(connection, path));

    /// <summary>The encoder that it was made by.</summary>
    public IndexEncoder Encoder { get; }

    /// <summary>Opens an index to write to it, or makes a new one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoder">What new samples will be embedded by.</param>
    /// <exception cref="InvalidDataException">The file is no index, or one of another encoder.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public static RepresentationIndex OpenOrCreate(string path, IndexEncoder encoder)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(encoder.RepresentationSize);
        var index = Connect(path, SqliteOpenMode.ReadWriteCreate, connection =>
        {
            if (IndexSchema.IsEmpty(connection))
            {
                IndexSchema.Create(connection, Facts(encoder));
            }
        });
        if (index.Encoder.Fingerprint != encoder.Fingerprint || index.Encoder.RepresentationSize != encoder.RepresentationSize)
        {
            index.Dispose();
            throw new InvalidDataException(
                $"'{path}' holds representations of another encoder{(index.Encoder.Source is { } other ? $" ({other})" : "")}, which cannot be compared: use another file.");
        }
        return index;
    }

    /// <summary>Opens an index to read it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is no index.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static RepresentationIndex Open(string path) => File.Exists(path)
        ? Connect(path, SqliteOpenMode.ReadWrite, _ => { }) // what a killed process left half done is undone, which is writing
        : throw new FileNotFoundException($"there is no index '{path}'.", path);

    /// <summary>Label and stamp of every sample by its name, of those that could not be read too.</summary>
    public IReadOnlyDictionary<string, (string? Label, string? Stamp)> Known() => Guarded(() =>
    {
        var known = new Dictionary<string, (string?, string?)>(StringComparer.Ordinal);
        using var command = IndexSchema.Command(_connection, "SELECT name, label, stamp FROM sample");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            known.Add(reader.GetString(0), (Text(reader, 1), Text(reader, 2)));
        }
        return known;
    });

    /// <summary>Representation of some sample with these bytes, whatever its name; null where there is none.</summary>
    public float[]? Find(UInt128 content) => Guarded(() =>
    {
        using var command = IndexSchema.Command(
            _connection, "SELECT representation FROM sample WHERE content = $content AND representation IS NOT NULL LIMIT 1", ("$content", Bytes(content)));
        return command.ExecuteScalar() is byte[] stored ? Floats(stored) : null;
    });

    /// <summary>Adds samples, or replaces those of their names: all of them, or none where it fails.</summary>
    /// <exception cref="ArgumentException">A representation has another length than the encoder's.</exception>
    /// <exception cref="IOException">The file cannot be written, such as for a full disk.</exception>
    public void Write(IReadOnlyCollection<IndexedSample> samples) => Guarded(() =>
    {
        using var transaction = _connection.BeginTransaction();
        using var command = IndexSchema.Command(
            _connection, Upsert, ("$name", null), ("$label", null), ("$stamp", null), ("$content", null), ("$error", null), ("$representation", null));
        foreach (var sample in samples)
        {
            if (sample.Representation is { } y && y.Length != Encoder.RepresentationSize)
            {
                throw new ArgumentException($"the representation of '{sample.Name}' has {y.Length} numbers instead of {Encoder.RepresentationSize}.", nameof(samples));
            }
            object?[] values = [sample.Name, sample.Label, sample.Stamp, Bytes(sample.Content), sample.Error, Bytes(sample.Representation)];
            for (int i = 0; i < values.Length; i++)
            {
                command.Parameters[i].Value = values[i] ?? DBNull.Value;
            }
            command.ExecuteNonQuery();
        }
        transaction.Commit();
        return true;
    });

    /// <summary>Takes samples out: all of them, or none where it fails.</summary>
    public void Remove(IReadOnlyCollection<string> names) => Guarded(() =>
    {
        using var transaction = _connection.BeginTransaction();
        using var command = IndexSchema.Command(_connection, "DELETE FROM sample WHERE name = $name", ("$name", null));
        foreach (string name in names)
        {
            command.Parameters[0].Value = name;
            command.ExecuteNonQuery();
        }
        transaction.Commit();
        return true;
    });

    /// <summary>All samples that have a representation, in ordinal order of their names, for searching; they stand in memory.</summary>
    /// <exception cref="InvalidDataException">A representation is damaged, or there are more than fit one array (2,147,483,591 numbers).</exception>
    public RepresentationMatrix Load() => Guarded(() =>
    {
        var names = new List<string>();
        var labels = new List<string?>();
        int size = Encoder.RepresentationSize;
        var values = new float[checked((int)Math.Min(Array.MaxLength, Count() * size))];
        using var command = IndexSchema.Command(_connection, "SELECT name, label, representation FROM sample WHERE representation IS NOT NULL ORDER BY name");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            int start = names.Count * size;
            names.Add(reader.GetString(0));
            labels.Add(Text(reader, 1));
            byte[] stored = (byte[])reader[2];
            if (stored.Length != size * sizeof(float) || start > values.Length - size)
            {
                throw new InvalidDataException($"'{_path}' holds too much, or a damaged representation of '{names[^1]}'.");
            }
            Floats(stored, values.AsSpan(start, size));
        }
        return new RepresentationMatrix(values.Length == names.Count * size ? values : values[..(names.Count * size)], size, names, labels);
    });

    /// <inheritdoc />
    public void Dispose() => _connection.Dispose();

    private static RepresentationIndex Connect(string path, SqliteOpenMode mode, Action<SqliteConnection> prepare)
    {
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = BusySeconds };
        var connection = new SqliteConnection(settings.ToString());
        try
        {
            connection.Open();
            prepare(connection);
            IndexSchema.Check(connection, path);
            return new(connection, path);
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw Failure(path, e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static IEnumerable<(string Key, string Value)> Facts(IndexEncoder encoder)
    {
        yield return (FingerprintKey, encoder.Fingerprint);
        yield return (SizeKey, encoder.RepresentationSize.ToString(CultureInfo.InvariantCulture));
        if (encoder.Source is { } source)
        {
            yield return (SourceKey, source);
        }
    }

    private static IndexEncoder ReadEncoder(SqliteConnection connection, string path)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        using var command = IndexSchema.Command(connection, "SELECT key, value FROM encoder");
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            facts[reader.GetString(0)] = reader.GetString(1);
        }
        return facts.TryGetValue(FingerprintKey, out string? fingerprint)
            && int.TryParse(facts.GetValueOrDefault(SizeKey), NumberStyles.None, CultureInfo.InvariantCulture, out int size) && size > 0
                ? new(fingerprint, size, facts.GetValueOrDefault(SourceKey))
                : throw new InvalidDataException($"'{path}' does not say by which encoder it was made.");
    }

    private long Count()
    {
        using var command = IndexSchema.Command(_connection, "SELECT count(*) FROM sample WHERE representation IS NOT NULL");
        return (long)command.ExecuteScalar()!;
    }

    private T Guarded<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (SqliteException e)
        {
            throw Failure(_path, e);
        }
    }

    private static Exception Failure(string path, SqliteException e)
    {
        const int corrupt = 11, noDatabase = 26;
        return e.SqliteErrorCode is corrupt or noDatabase
            ? new InvalidDataException($"'{path}' is no index, or a damaged one: {e.Message}", e)
            : new IOException($"'{path}' cannot be used: {e.Message}", e);
    }

    private static string? Text(SqliteDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static byte[]? Bytes(UInt128? content)
    {
        if (content is not { } hash)
        {
            return null;
        }
        var bytes = new byte[HashLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, hash);
        return bytes;
    }

    private static byte[]? Bytes(float[]? values)
    {
        if (values is null)
        {
            return null;
        }
        var bytes = new byte[values.Length * sizeof(float)];
        for (int i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }
        return bytes;
    }

    private static float[] Floats(byte[] stored)
    {
        var values = new float[stored.Length / sizeof(float)];
        Floats(stored, values);
        return values;
    }

    private static void Floats(byte[] stored, Span<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(stored).CopyTo(values);
            return;
        }
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleLittleEndian(stored.AsSpan(i * sizeof(float)));
        }
    }
}
