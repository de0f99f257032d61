using ByolSharp.Sources;
using ByolSharp.Text;
using Parquet;
using Parquet.Schema;

namespace ByolSharp.Tests.Text;

public sealed class ParquetTableTests : IDisposable
{
    private const int RowGroup = 40;
    private static readonly DataField<int?> Topic = new("topic");
    private static readonly DataField<string> Headline = new("headline", nullable: true), Body = new("body", nullable: true);
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Rows_of_all_groups_are_texts_whose_columns_are_chosen_by_name()
    {
        string path = await Write("news.parquet", 100);

        using var data = TextSources.Open(path, new() { Column = "headline+body", PairColumn = "body", LabelColumn = "topic" });

        Assert.Equal(100, data.Count);
        Assert.Equal(["0", "1", "2"], data.ClassNames);
        Assert.All(Enumerable.Range(0, 100).Where(i => i % 10 != 7).Reverse(), i =>
        {
            Assert.Equal(new TextSample($"Head \"{i}\", {BodyOf(i).Trim()}", BodyOf(i).Trim()), data.Read(i));
            Assert.Equal(i % 5 == 4 ? Dataset.NoLabel : i % 3, data.LabelOf(i));
        });
        Assert.Equal("news.parquet#42", data.NameOf(41));
    }

    [Fact]
    public async Task A_row_without_a_value_is_unreadable_and_keeps_its_place()
    {
        using var data = TextSources.Open(await Write("news.parquet", 20), new() { Column = "body" });

        Assert.Contains("empty", Assert.Throws<UnreadableSampleException>(() => data.Read(17)).Message, StringComparison.Ordinal);
        Assert.Equal(BodyOf(18).Trim(), data.Read(18).Text);
    }

    [Fact]
    public async Task Without_options_the_text_is_the_column_with_the_longest_cells()
    {
        using var data = TextSources.Open(await Write("news.parquet", 20));

        Assert.Equal(BodyOf(3).Trim(), data.Read(3).Text);
        Assert.Empty(data.ClassNames);
    }

    [Fact]
    public async Task Files_of_a_folder_follow_one_another()
    {
        await Write("shards/1.parquet", 50);
        await Write("shards/2.parquet", 10);

        using var data = TextSources.Open(_folder.Of("shards"), new() { Column = "headline" });

        Assert.Equal(60, data.Count);
        Assert.Equal("Head \"3\",", data.Read(53).Text);
        Assert.Equal("2.parquet#4", data.NameOf(53));
    }

    [Fact]
    public async Task A_column_that_is_not_there_is_answered_with_those_that_are()
    {
        string path = await Write("news.parquet", 10);

        Assert.Contains("text.column = title names no column of", Missing(new() { Column = "title" }), StringComparison.Ordinal);
        Assert.Contains("whose columns are: topic | headline | body", Missing(new() { Column = "body", LabelColumn = "class" }), StringComparison.Ordinal);

        string Missing(TextOptions options) => Assert.Throws<ConfigurationException>(() => TextSources.Open(path, options)).Message;
    }

    [Fact]
    public async Task A_broken_file_is_a_clear_error()
    {
        byte[] whole = await File.ReadAllBytesAsync(await Write("news.parquet", 100), Token);
        byte[] torn = [.. whole[..(whole.Length / 2)], .. whole[^8..]], overwritten = [.. whole];
        overwritten.AsSpan(4, whole.Length / 3).Fill(0xAB);

        foreach (byte[] content in new[] { torn, overwritten, whole[..^20], [], "PAR1 no parquet PAR1"u8.ToArray() })
        {
            string path = _folder.Write("broken.parquet", content);
            string message = Assert.Throws<UnusableDataException>(() => TextSources.Open(path, new() { Column = "body" })).Message;
            Assert.StartsWith($"'{path}' is no Parquet file that can be read", message, StringComparison.Ordinal);
        }
    }

    private static string BodyOf(int row) => $"  The body of row {row}:\na second \"line\", and some more words that make it long ";

    /// <summary>Rows in groups; of every tenth the body is missing, of every fifth the topic.</summary>
    private async Task<string> Write(string name, int rows)
    {
        string path = _folder.Write(name, []);
        await using var stream = File.Create(path);
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(Topic, Headline, Body), stream, cancellationToken: Token);
        for (int first = 0; first < rows; first += RowGroup)
        {
            int[] numbers = [.. Enumerable.Range(first, Math.Min(RowGroup, rows - first))];
            using var group = writer.CreateRowGroup();
            await group.WriteAsync<int>(Topic, numbers.Select(i => i % 5 == 4 ? (int?)null : i % 3).ToArray(), cancellationToken: Token);
            await group.WriteAsync(Headline, numbers.Select(i => $"Head \"{i}\",").ToArray());
            await group.WriteAsync(Body, numbers.Select(i => i % 10 == 7 ? null! : BodyOf(i)).ToArray());
            group.CompleteValidate();
        }
        return path;
    }
}
