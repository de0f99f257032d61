using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using ByolSharp.Evaluation;
using Parquet;
using Parquet.Schema;

namespace ByolSharp.Tests.Evaluation;

public sealed partial class EmbeddingWriterTests : IDisposable
{
    private static readonly FeatureSet Features = new(
        [1, -2.5f, 3.4028235e38f, 0, 1e-45f, 0.1f],
        3,
        [1, -1],
        ["plain.png", "a \"quoted\", name.png"],
        ["cat", "dog, small"]);

    private readonly string _folder = Directory.CreateTempSubdirectory("byol-embed-").FullName;

    [Fact]
    public async Task NumPy_files_have_the_documented_header_and_the_exact_values()
    {
        string path = Path.Combine(_folder, "e.npy");
        await EmbeddingWriter.WriteAsync(Features, path, TestContext.Current.CancellationToken);
        var (shape, values) = ReadNumPy(File.ReadAllBytes(path));

        Assert.Equal([2, 3], shape);
        Assert.Equal(Features.Values.ToArray(), values);
        Assert.Equal(Features.Names, File.ReadAllLines(Path.Combine(_folder, "e.names.txt")));
    }

    [Fact]
    public async Task Csv_fields_are_quoted_where_they_must_be()
    {
        string path = Path.Combine(_folder, "e.csv");
        await EmbeddingWriter.WriteAsync(Features, path, TestContext.Current.CancellationToken);
        string[] lines = File.ReadAllText(path).Split("\r\n");

        Assert.Equal("name,label,f0,f1,f2", lines[0]);
        Assert.StartsWith("plain.png,\"dog, small\",1,-2.5,", lines[1]);
        Assert.StartsWith("\"a \"\"quoted\"\", name.png\",,0,", lines[2]);
        Assert.Equal(Features[0].ToArray(), lines[1].Split(',')[^3..].Select(f => float.Parse(f, CultureInfo.InvariantCulture)));
        Assert.Equal(Features[1].ToArray(), lines[2].Split(',')[^3..].Select(f => float.Parse(f, CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Parquet_files_are_read_back_equal_over_several_row_groups()
    {
        var features = new FeatureSet(
            [.. Enumerable.Range(0, 20_000 * 3).Select(i => i * 0.5f)], 3, [.. Enumerable.Range(0, 20_000).Select(i => i % 3 - 1)]);
        string path = Path.Combine(_folder, "e.parquet");
        await EmbeddingWriter.WriteAsync(features, path, TestContext.Current.CancellationToken);

        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        DataField[] fields = reader.Schema.GetDataFields();
        Assert.Equal(["name", "label", "embedding/list/element"], fields.Select(f => f.Path.ToString()));
        int row = 0;
        for (int g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            int count = (int)group.RowCount;
            string?[] names = new string[count], labels = new string[count];
            float[] values = new float[count * 3];
            int[] definition = new int[count * 3], repetition = new int[count * 3];
            await group.ReadAsync(fields[0], names.AsMemory()!, cancellationToken: TestContext.Current.CancellationToken);
            await group.ReadAsync(fields[1], labels.AsMemory()!, cancellationToken: TestContext.Current.CancellationToken);
            await group.ReadRawAsync<float>(fields[2], values, definition, repetition, TestContext.Current.CancellationToken);
            for (int i = 0; i < count; i++, row++)
            {
                Assert.Equal($"{row}", names[i]);
                Assert.Equal(row % 3 == 0 ? null : $"{row % 3 - 1}", labels[i]);
                Assert.Equal([0, 1, 1], repetition[(i * 3)..(i * 3 + 3)]);
                Assert.True(features[row].SequenceEqual(values.AsSpan(i * 3, 3)));
            }
        }
        Assert.Equal(20_000, row);
    }

    [Fact]
    public async Task An_unknown_ending_is_refused_and_leaves_nothing()
    {
        var error = await Assert.ThrowsAsync<ConfigurationException>(
            () => EmbeddingWriter.WriteAsync(Features, Path.Combine(_folder, "e.xlsx"), TestContext.Current.CancellationToken));

        Assert.Contains(".npy, .csv or .parquet", error.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_stopped_or_impossible_write_leaves_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => EmbeddingWriter.WriteAsync(Features, Path.Combine(_folder, "e.csv"), new CancellationToken(true)));
        await Assert.ThrowsAsync<StorageException>(
            () => EmbeddingWriter.WriteAsync(Features, Path.Combine(_folder, "absent", "e.csv"), TestContext.Current.CancellationToken));

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Reads a file after NumPy's format description (NEP 1), knowing nothing of the writer.</summary>
    private static (int[] Shape, float[] Values) ReadNumPy(byte[] file)
    {
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0], file[..8]);
        int headerLength = file[8] | file[9] << 8;
        Assert.Equal(0, (10 + headerLength) % 64);
        string header = Encoding.ASCII.GetString(file, 10, headerLength);
        Assert.EndsWith("\n", header);
        Assert.Contains("'descr': '<f4'", header);
        Assert.Contains("'fortran_order': False", header);
        int[] shape = [.. Shape().Match(header).Groups[1].Value.Split(',').Select(int.Parse)];
        byte[] data = file[(10 + headerLength)..];
        Assert.Equal(shape[0] * shape[1] * 4, data.Length);
        return (shape, [.. Enumerable.Range(0, data.Length / 4).Select(i => BitConverter.ToSingle(data, i * 4))]);
    }

    [GeneratedRegex(@"'shape': \(([0-9, ]+)\)")]
    private static partial Regex Shape();
}
