using System.Text.Json;

namespace ByolSharp.ObjectStorage;

/// <summary>What was fetched of an object, and the state of its file right after.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">As it came.</param>
/// <param name="Hash">XxHash128 of the bytes.</param>
/// <param name="Written">Last write of the file, in ticks of UTC.</param>
internal sealed record MirrorRecord(string Key, long Size, string ETag, string Hash, long Written)
{
    /// <summary>True once the object was removed.</summary>
    public bool IsGone { get; init; }
}

/// <summary>The records of a bucket's mirror: a line each, the last of a key counts. Lines are added after the file is in place, so a kill costs a fetch at most.</summary>
internal sealed class MirrorRecords
{
    private readonly string _path;
    private readonly Dictionary<string, MirrorRecord> _records = new(StringComparer.Ordinal);

    internal MirrorRecords(string path)
    {
        _path = path;
        foreach (var record in (File.Exists(path) ? File.ReadLines(path) : []).Select(Parse).OfType<MirrorRecord>())
        {
            Set(record);
        }
    }

    internal IReadOnlyCollection<MirrorRecord> All => _records.Values;

    internal MirrorRecord? Of(string key) => _records.GetValueOrDefault(key);

    internal void Add(MirrorRecord record)
    {
        lock (_records)
        {
            // A line cut short by a kill ends here and not in this record.
            File.AppendAllText(_path, "\n" + JsonSerializer.Serialize(record, JsonSerializerOptions.Web) + "\n");
            Set(record);
        }
    }

    private void Set(MirrorRecord record)
    {
        _ = record.IsGone ? _records.Remove(record.Key) : (_records[record.Key] = record) is not null;
    }

    private static MirrorRecord? Parse(string line)
    {
        try
        {
            return line.Length == 0 ? null : JsonSerializer.Deserialize<MirrorRecord>(line, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
