using System.Text.Json;
using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>One tensor as a safetensors header describes it.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Shape">Its sizes; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">The byte after its last.</param>
public sealed record SafeTensorsEntry(string Name, ScalarType Type, IReadOnlyList<long> Shape, long Begin, long End);

/// <summary>What a safetensors file says about its content.</summary>
/// <param name="Entries">The tensors in the order of their bytes.</param>
/// <param name="Metadata">The file's own notes (<c>__metadata__</c>); empty where it has none.</param>
public sealed record SafeTensorsHeader(IReadOnlyList<SafeTensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Longest header that the format's reference implementation accepts, in bytes.</summary>
    internal const long MaxLength = 100_000_000;

    internal const string MetadataKey = "__metadata__";
    private const int MaxDimensions = 64; // libtorch iterates over no more

    private static readonly (string Name, ScalarType Type, int Size)[] Types =
    [
        ("F64", ScalarType.Float64, 8), ("I64", ScalarType.Int64, 8), ("F32", ScalarType.Float32, 4), ("I32", ScalarType.Int32, 4),
        ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2), ("I16", ScalarType.Int16, 2),
        ("I8", ScalarType.Int8, 1), ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    internal static string NameOf(ScalarType type) => Types.FirstOrDefault(t => t.Type == type).Name
        ?? throw new ArgumentException($"the safetensors format has no element type {type}");

    internal static int SizeOf(ScalarType type) => Types.First(t => t.Type == type).Size;

    /// <summary>Reads and checks a header; the file may come from anybody, so nothing in it is believed.</summary>
    /// <exception cref="StorageException">The stream is no sound safetensors file.</exception>
    internal static SafeTensorsHeader Read(Stream stream, string path)
    {
        Span<byte> prefix = stackalloc byte[sizeof(ulong)];
        Require(stream.Length >= prefix.Length, path, $"it has {stream.Length} bytes, too few for a header");
        stream.ReadExactly(prefix);
        ulong length = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        Require(length <= MaxLength, path, $"its header claims {length} bytes, more than the {MaxLength} allowed");
        long dataLength = stream.Length - prefix.Length - (long)length;
        Require(dataLength >= 0, path, $"its header claims {length} bytes, the file has {stream.Length}");

        byte[] json = new byte[length];
        stream.ReadExactly(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Parse(document.RootElement, dataLength, path);
        }
        catch (JsonException e)
        {
            throw Corrupt(path, "its header is no JSON", e);
        }
        catch (InvalidOperationException e) // a string with half a surrogate pair
        {
            throw Corrupt(path, "its header holds text that is no Unicode", e);
        }
    }

    private static SafeTensorsHeader Parse(JsonElement root, long dataLength, string path)
    {
        Require(root.ValueKind == JsonValueKind.Object, path, "its header is no JSON object");
        var entries = new List<SafeTensorsEntry>();
        var names = new HashSet<string>();
        IReadOnlyDictionary<string, string> metadata = new Dictionary<string, string>();
        foreach (JsonProperty property in root.EnumerateObject())
        {
            Require(names.Add(property.Name), path, $"it names '{property.Name}' twice");
            if (property.Name == MetadataKey)
            {
                metadata = ParseMetadata(property.Value, path);
            }
            else
            {
                entries.Add(ParseEntry(property.Name, property.Value, dataLength, path));
            }
        }
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        CheckCoverage(entries, dataLength, path);
        return new(entries, metadata);
    }

    private static Dictionary<string, string> ParseMetadata(JsonElement value, string path)
    {
        Require(value.ValueKind == JsonValueKind.Object, path, $"its {MetadataKey} is no JSON object");
        var metadata = new Dictionary<string, string>();
        foreach (JsonProperty note in value.EnumerateObject())
        {
            Require(note.Value.ValueKind == JsonValueKind.String, path, $"its metadata '{note.Name}' is no text");
            Require(metadata.TryAdd(note.Name, note.Value.GetString()!), path, $"it names the metadata '{note.Name}' twice");
        }
        return metadata;
    }

    private static SafeTensorsEntry ParseEntry(string name, JsonElement value, long dataLength, string path)
    {
        Require(value.ValueKind == JsonValueKind.Object, path, $"tensor '{name}' is not described by a JSON object");
        string? typeName = value.TryGetProperty("dtype", out JsonElement dtype) && dtype.ValueKind == JsonValueKind.String ? dtype.GetString() : null;
        (string? known, ScalarType type, int size) = Types.FirstOrDefault(t => t.Name == typeName);
        Require(known is not null, path, $"tensor '{name}' has the unknown type '{typeName}'");
        long[] shape = Integers(value, "shape", name, path);
        long[] offsets = Integers(value, "data_offsets", name, path);
        Require(shape.Length <= MaxDimensions, path, $"tensor '{name}' has {shape.Length} dimensions");
        Require(offsets.Length == 2 && offsets[0] >= 0 && offsets[0] <= offsets[1], path,
            $"tensor '{name}' has the bytes [{string.Join(", ", offsets)}], which are no range");
        Require(offsets[1] <= dataLength, path, $"tensor '{name}' ends at byte {offsets[1]} of only {dataLength}: the file is truncated or its header lies");
        Require(ByteLength(shape, size) == offsets[1] - offsets[0], path,
            $"tensor '{name}' of type {known} and shape [{string.Join(", ", shape)}] cannot take {offsets[1] - offsets[0]} bytes");
        return new(name, type, shape, offsets[0], offsets[1]);
    }

    private static long[] Integers(JsonElement value, string key, string name, string path)
    {
        Require(value.TryGetProperty(key, out JsonElement list) && list.ValueKind == JsonValueKind.Array, path, $"tensor '{name}' has no {key}");
        return [.. list.EnumerateArray().Select(item =>
        {
            long integer = -1;
            Require(item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out integer) && integer >= 0, path,
                $"tensor '{name}' has '{item}' among its {key}");
            return integer;
        })];
    }

    /// <summary>Bytes of a tensor, or -1 where the product is no 64-bit number.</summary>
    private static long ByteLength(long[] shape, int size)
    {
        if (shape.Contains(0))
        {
            return 0;
        }
        UInt128 bytes = (UInt128)size;
        foreach (long extent in shape)
        {
            bytes *= (UInt128)extent;
            if (bytes > long.MaxValue)
            {
                return -1;
            }
        }
        return (long)bytes;
    }

    /// <summary>The format allows no holes: the tensors follow each other and fill the file.</summary>
    private static void CheckCoverage(List<SafeTensorsEntry> entries, long dataLength, string path)
    {
        long position = 0;
        foreach (SafeTensorsEntry entry in entries)
        {
            Require(entry.Begin == position, path,
                $"tensor '{entry.Name}' {(entry.Begin < position ? "overlaps the one before it" : "leaves a gap before it")}");
            position = entry.End;
        }
        Require(position == dataLength, path, $"its tensors end at byte {position} of {dataLength}");
    }

    private static void Require(bool condition, string path, string otherwise)
    {
        if (!condition)
        {
            throw Corrupt(path, otherwise);
        }
    }

    internal static StorageException Corrupt(string path, string what, Exception? inner = null) =>
        new($"'{path}' is no sound safetensors file: {what}", inner);
}
