using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace ByolSharp.Evaluation;

/// <summary>Writes representations with their names and labels for other programs. The file's ending says how.</summary>
/// <remarks>
/// <c>.npy</c> NumPy 1.0, float32 [count, size], with the names beside in <c>NAME.names.txt</c>, one a line; <c>.csv</c> RFC 4180 with the
/// columns name, label, f0, f1, and so on; <c>.parquet</c> with the columns name, label (null where there is none) and embedding (a list of
/// floats). Samples are written as they are read; nothing is held twice in memory. A file is written aside and renamed: whole or absent.
/// </remarks>
public static class EmbeddingWriter
{
    private const int RowGroup = 8192;

    /// <summary>Writes a set.</summary>
    /// <param name="features">What to write.</param>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="cancellation">Stops between samples; no file is left.</param>
    /// <exception cref="ConfigurationException">The ending is none of the three.</exception>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static async Task WriteAsync(FeatureSet features, string path, CancellationToken cancellation = default)
    {
        Func<Stream, Task> write = RequireFormat(path) switch
        {
            ".npy" => stream => WriteNumPy(features, stream, cancellation),
            ".csv" => stream => WriteCsv(features, stream, cancellation),
            _ => stream => WriteParquet(features, stream, cancellation),
        };
        await Safely(path, write);
        if (RequireFormat(path) == ".npy")
        {
            await Safely(Path.ChangeExtension(path, ".names.txt"), stream => WriteNames(features, stream));
        }
    }

    /// <summary>The file's format by its ending, in lower case; call it before the work whose result is to be written.</summary>
    /// <exception cref="ConfigurationException">The ending is none of the three.</exception>
    public static string RequireFormat(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" or ".csv" or ".parquet" => Path.GetExtension(path).ToLowerInvariant(),
        var other => throw new ConfigurationException($"cannot write embeddings as '{other}' ({path}): use .npy, .csv or .parquet"),
    };

    private static async Task Safely(string path, Func<Stream, Task> write)
    {
        string partial = path + ".partial";
        try
        {
            await using (var stream = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20))
            {
                await write(stream);
            }
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot write {path}: {error.Message}", error);
        }
        finally
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }
        }
    }

    private static async Task WriteNumPy(FeatureSet features, Stream stream, CancellationToken cancellation)
    {
        string facts = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({features.Count}, {features.Size}), }}";
        const int lead = 10; // magic, version, length of the facts
        int length = (lead + facts.Length + 1 + 63) / 64 * 64 - lead;
        var header = new byte[lead + length];
        "\u0093NUMPY\u0001\0"u8[1..].CopyTo(header); // the first character is two bytes in UTF-8; NumPy's is the single byte 0x93
        header[0] = 0x93;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)length);
        Encoding.ASCII.GetBytes((facts.PadRight(length - 1) + '\n').AsSpan(), header.AsSpan(lead));
        await stream.WriteAsync(header, cancellation);
        for (int i = 0; i < features.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            WriteLittleEndian(stream, features[i]);
        }
    }

    private static void WriteLittleEndian(Stream stream, ReadOnlySpan<float> row)
    {
        if (BitConverter.IsLittleEndian)
        {
            stream.Write(MemoryMarshal.AsBytes(row));
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (float value in row)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
            stream.Write(bytes);
        }
    }

    private static async Task WriteNames(FeatureSet features, Stream stream)
    {
        await using var writer = new StreamWriter(stream) { NewLine = "\n" };
        foreach (string name in features.Names)
        {
            await writer.WriteLineAsync(name.ReplaceLineEndings(" ")); // line i must stay row i
        }
    }

    private static async Task WriteCsv(FeatureSet features, Stream stream, CancellationToken cancellation)
    {
        await using var writer = new StreamWriter(stream) { NewLine = "\r\n" }; // RFC 4180
        await writer.WriteLineAsync("name,label," + string.Join(',', Enumerable.Range(0, features.Size).Select(j => $"f{j}")));
        var line = new StringBuilder();
        for (int i = 0; i < features.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            line.Clear().Append(Quoted(features.Names[i])).Append(',').Append(Quoted(LabelOf(features, i) ?? ""));
            foreach (float value in features[i])
            {
                line.Append(CultureInfo.InvariantCulture, $",{value:R}");
            }
            await writer.WriteLineAsync(line, cancellation);
        }
    }

    private static string Quoted(string field) =>
        field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"")}\"" : field;

    private static async Task WriteParquet(FeatureSet features, Stream stream, CancellationToken cancellation)
    {
        var name = new DataField<string>("name", nullable: false);
        var label = new DataField<string>("label", nullable: true);
        var value = new DataField<float>("element");
        var schema = new ParquetSchema(name, label, new ListField("embedding", value));
        await using var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellation);
        for (int first = 0; first < features.Count; first += RowGroup)
        {
            int count = Math.Min(RowGroup, features.Count - first);
            int[] repetition = new int[count * features.Size], definition = new int[count * features.Size];
            Array.Fill(repetition, 1); // 0 begins a list, 1 goes on with it
            Array.Fill(definition, value.MaxDefinitionLevel); // every value is there
            for (int i = 0; i < count; i++)
            {
                repetition[i * features.Size] = 0;
            }
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(name, features.Names.Skip(first).Take(count).ToArray());
            await group.WriteAsync(label, Enumerable.Range(first, count).Select(i => LabelOf(features, i)).ToArray()!);
            float[] values = features.Values.Slice(first * features.Size, repetition.Length).ToArray();
            await group.WriteAllPartsAsync<float>(value, values, definition, repetition, cancellationToken: cancellation);
            group.CompleteValidate();
        }
    }

    private static string? LabelOf(FeatureSet features, int index) =>
        features.Labels[index] == FeatureSet.NoLabel ? null : features.ClassNames[features.Labels[index]];
}
