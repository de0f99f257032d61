using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>
/// Reads and writes the safetensors format: 8 bytes with the header's length, a JSON header, then the tensors' raw values. Python
/// (<c>safetensors.torch.load_file</c>) reads what this writes and the other way round; nothing in a file is ever executed.
/// </summary>
public static class SafeTensors
{
    private const int Alignment = 8;
    private const int ChunkBytes = 64 << 20; // spans end at 2 GiB, tensors do not

    private static readonly JsonWriterOptions HeaderStyle = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a file, tensor by tensor, and flushes it to the disk; under its name it is whole or absent.</summary>
    /// <param name="path">The file; an existing one is replaced. Its folder must exist.</param>
    /// <param name="tensors">
    /// Names and values, of any strides and device; stored in logical (row-major) order. Element types: float 16, bfloat 16, 32, 64,
    /// integers of 8 to 64 bits, bytes and booleans.
    /// </param>
    /// <param name="metadata">Notes for the header.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">Two tensors share a name, or an element type is not storable.</exception>
    public static void Write(string path, IEnumerable<(string Name, Tensor Value)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide types first: then every tensor starts at a multiple of its element size.
        (string Name, Tensor Value)[] ordered = [.. tensors.OrderByDescending(t => ElementSize(t.Value))];
        byte[] header = MakeHeader(ordered, metadata);
        string partial = path + ".partial";
        try
        {
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                stream.Write(header);
                foreach ((_, Tensor value) in ordered)
                {
                    WriteValues(stream, value);
                }
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write '{path}': {e.Message}", e);
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="StorageException">The file is absent, unreadable, truncated or contradicts itself.</exception>
    public static SafeTensorsFile Read(string path) => Open(path, stream =>
    {
        SafeTensorsHeader header = SafeTensorsHeader.Read(stream, path);
        var tensors = new Dictionary<string, Tensor>(header.Entries.Count);
        var file = new SafeTensorsFile(path, tensors, header.Metadata);
        try
        {
            foreach (SafeTensorsEntry entry in header.Entries)
            {
                Tensor tensor = empty([.. entry.Shape], entry.Type).DetachFromDisposeScope();
                tensors.Add(entry.Name, tensor);
                ReadValues(stream, tensor);
            }
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    });

    /// <summary>Reads names, types, shapes and metadata alone.</summary>
    /// <exception cref="StorageException">As <see cref="Read"/>.</exception>
    public static SafeTensorsHeader ReadHeader(string path) => Open(path, stream => SafeTensorsHeader.Read(stream, path));

    private static T Open<T>(string path, Func<FileStream, T> read)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            return read(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"there is no file '{path}'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot read '{path}': {e.Message}", e);
        }
    }

    private static byte[] MakeHeader((string Name, Tensor Value)[] tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using var json = new MemoryStream();
        json.Write(stackalloc byte[sizeof(ulong)]);
        using (var writer = new Utf8JsonWriter(json, HeaderStyle))
        {
            writer.WriteStartObject();
            WriteMetadata(writer, metadata);
            var names = new HashSet<string> { SafeTensorsHeader.MetadataKey };
            long position = 0;
            foreach ((string name, Tensor value) in tensors)
            {
                if (!names.Add(name))
                {
                    throw new ArgumentException($"the name '{name}' is taken: a safetensors file holds one tensor a name", nameof(tensors));
                }
                long end = position + value.numel() * ElementSize(value);
                writer.WriteStartObject(name);
                writer.WriteString("dtype", SafeTensorsHeader.NameOf(value.dtype));
                WriteList(writer, "shape", value.shape);
                WriteList(writer, "data_offsets", [position, end]);
                writer.WriteEndObject();
                position = end;
            }
            writer.WriteEndObject();
        }
        while (json.Length % Alignment != 0)
        {
            json.WriteByte((byte)' ');
        }
        byte[] header = json.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)header.Length - sizeof(ulong));
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter writer, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null or { Count: 0 })
        {
            return;
        }
        writer.WriteStartObject(SafeTensorsHeader.MetadataKey);
        foreach ((string key, string text) in metadata)
        {
            writer.WriteString(key, text);
        }
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, string key, ReadOnlySpan<long> values)
    {
        writer.WriteStartArray(key);
        foreach (long value in values)
        {
            writer.WriteNumberValue(value);
        }
        writer.WriteEndArray();
    }

    private static void WriteValues(FileStream stream, Tensor tensor)
    {
        using IDisposable scope = NewDisposeScope();
        foreach (Tensor chunk in Chunks(tensor.detach().cpu().contiguous()))
        {
            stream.Write(chunk.bytes);
        }
    }

    internal static void ReadValues(Stream stream, Tensor tensor)
    {
        using IDisposable scope = NewDisposeScope();
        foreach (Tensor chunk in Chunks(tensor))
        {
            stream.ReadExactly(chunk.bytes);
        }
    }

    private static IEnumerable<Tensor> Chunks(Tensor contiguous)
    {
        Tensor flat = contiguous.view(-1);
        long length = flat.numel(), step = ChunkBytes / ElementSize(flat);
        for (long start = 0; start < length; start += step)
        {
            yield return flat.narrow(0, start, Math.Min(step, length - start));
        }
    }

    private static int ElementSize(Tensor tensor)
    {
        _ = SafeTensorsHeader.NameOf(tensor.dtype);
        return SafeTensorsHeader.SizeOf(tensor.dtype);
    }
}
