using System.Text;
using ByolSharp.Sources;
using ByolSharp.Text;

namespace ByolSharp.Tests.Text;

public sealed class TextSourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lines_are_texts_and_blank_ones_are_left_out_and_counted()
    {
        using var data = TextSources.Open(_folder.Write("texts.txt", "one\r\n\n  \ntwo words\nthree"));

        Assert.Equal(["one", "two words", "three"], Texts(data));
        Assert.Equal(["2 blank lines are left out"], data.Remarks);
        Assert.Equal("texts.txt#2", data.NameOf(1));
        Assert.Empty(data.ClassNames);
    }

    [Fact]
    public void Every_line_of_a_long_file_is_found_at_its_place()
    {
        string[] lines = [.. Enumerable.Range(0, 1000).Select(i => new string((char)('a' + i % 26), 1 + i * 37 % 700) + i)];
        using var data = TextSources.Open(_folder.Write("long.txt", string.Join('\n', lines)));

        Assert.Equal(1000, data.Count);
        Assert.All(Enumerable.Range(0, 1000).Reverse(), i => Assert.Equal(lines[i], data.Read(i).Text));
    }

    [Fact]
    public void A_line_of_a_megabyte_is_a_text_and_one_beyond_all_measure_is_left_out()
    {
        string path = _folder.Of("huge.txt");
        using (var file = File.Create(path))
        {
            file.Write(Encoding.UTF8.GetBytes($"first\n{new string('x', 1 << 20)}\n"));
            file.Write(new byte[(16 << 20) + 5].Select(_ => (byte)'y').ToArray());
            file.Write("\nlast\n"u8);
        }

        using var data = TextSources.Open(path);

        Assert.Equal([5, 1 << 20, 4], Texts(data).Select(text => text.Length));
        Assert.Equal(["1 records longer than 16 MiB are left out"], data.Remarks);
    }

    [Fact]
    public void What_is_not_UTF8_is_quarantined_and_another_text_stands_in()
    {
        string path = _folder.Write("mixed.txt", [.. "good one\n"u8, .. new byte[] { (byte)'b', 0xE9, (byte)'\n' }, .. "good two\n"u8]);
        using var data = TextSources.Open(path);
        using var readable = new ReadableTexts(data, new Quarantine());

        Assert.Equal(["good one", "good two", "good two"], Texts(readable));
        Assert.Equal(["mixed.txt#2"], readable.Quarantine.Entries.Select(entry => entry.Name));
        Assert.StartsWith("byte 2 of the record is not UTF-8", readable.Quarantine.Entries[0].Reason, StringComparison.Ordinal);

        using var latin = TextSources.Open(path, new() { Encoding = TextEncoding.Latin1 });
        Assert.Equal("bé", latin.Read(1).Text);
    }

    [Fact]
    public void Cells_may_hold_commas_quotes_and_line_breaks()
    {
        string path = _folder.Write("table.csv", "text,category,extra\n\"a, \"\"b\"\"\nc\",x,1\nplain,y,2\n");

        using var data = TextSources.Open(path);

        Assert.Equal(["a, \"b\"\nc", "plain"], Texts(data));
        Assert.Equal(["x", "y"], data.ClassNames);
        Assert.Equal([0, 1], Enumerable.Range(0, 2).Select(data.LabelOf));
    }

    [Fact]
    public void Columns_go_by_name_or_number_and_may_be_put_together()
    {
        string path = _folder.Write("news.csv", "\"3\",\"One\",\"Some text.\"\n\"1\",\"Other\",\"More text here.\"\n");

        using var guessed = TextSources.Open(path);
        using var chosen = TextSources.Open(path, new() { Column = "2+3", PairColumn = "3", LabelColumn = "1" });

        Assert.Equal(["Some text.", "More text here."], Texts(guessed));
        Assert.Empty(guessed.ClassNames);
        Assert.Equal(new TextSample("One Some text.", "Some text."), chosen.Read(0));
        Assert.Equal(["1", "3"], chosen.ClassNames);
        Assert.Equal(1, chosen.LabelOf(0));
        Assert.Contains("text.column = 4 names no column",
            Assert.Throws<ConfigurationException>(() => TextSources.Open(path, new() { Column = "4" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_test_set_takes_the_numbers_of_its_training_set()
    {
        using var data = TextSources.Open(_folder.Write("test.tsv", "text\tlabel\na \"quoted\ty\n"), classNames: ["x", "y"]);

        Assert.Equal("a \"quoted", data.Read(0).Text);
        Assert.Equal(1, data.LabelOf(0));
        Assert.Equal(["x", "y"], data.ClassNames);
    }

    [Fact]
    public void Objects_of_JSON_are_rows()
    {
        string path = _folder.Write("rows.jsonl", "{\"text\":\"one\",\"label\":3}\n{\"sentence\":\"two\"}\nnot json\n{\"text\":\"\\ud83d\\ude00\",\"label\":1}\n");

        using var data = TextSources.Open(path);

        Assert.Equal(["one", "two"], new[] { 0, 1 }.Select(i => data.Read(i).Text));
        Assert.Equal("😀", data.Read(3).Text);
        Assert.Throws<UnreadableSampleException>(() => data.Read(2));
        Assert.Equal(["1", "3"], data.ClassNames);
        Assert.Equal(Dataset.NoLabel, data.LabelOf(1));
    }

    [Fact]
    public void Documents_take_their_labels_from_their_folders_and_tables_of_a_folder_follow_one_another()
    {
        _folder.Write("docs/a/1.txt", "first\ndocument");
        _folder.Write("docs/b/2.md", "second");
        _folder.Write("docs/b/3.txt", " ");
        _folder.Write("shards/1.jsonl", "{\"text\":\"one\"}\n");
        _folder.Write("shards/2.jsonl", "{\"text\":\"two\"}\n{\"text\":\"three\"}\n");

        using var documents = TextSources.Open(_folder.Of("docs"));
        using var shards = TextSources.Open(_folder.Of("shards"));

        Assert.Equal(["a", "b"], documents.ClassNames);
        Assert.Equal("first\ndocument", documents.Read(0).Text);
        Assert.Throws<UnreadableSampleException>(() => documents.Read(2));
        Assert.Equal(["one", "two", "three"], Texts(shards));
        Assert.Equal("2.jsonl#2", shards.NameOf(2));
    }

    [Fact]
    public void What_holds_no_text_is_said()
    {
        Assert.Contains("does not exist", Assert.Throws<UnusableDataException>(() => TextSources.Open(_folder.Of("nothing.txt"))).Message, StringComparison.Ordinal);
        string blank = _folder.Write("blank.txt", "\n\n");
        Assert.Contains("holds no text", Assert.Throws<UnusableDataException>(() => TextSources.Open(blank)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ag_news/train.csv", 4800, 4, "2+3", "1", LineLabel.None)]
    [InlineData("sst2/dev.tsv", 872, 2, "1", "2", LineLabel.None)]
    [InlineData("banking77/train.csv", 10_003, 77, "", "", LineLabel.None)]
    [InlineData("stsb/train.csv", 5749, 0, "1", "", LineLabel.None)]
    [InlineData("trec6/train.label", 5452, 6, "", "", LineLabel.Coarse)]
    public void Real_data_open_with_all_their_samples(string file, int count, int classes, string column, string label, LineLabel lineLabel)
    {
        string path = TestData.Find(["text", .. file.Split('/')]);
        using var data = TextSources.Open(path, new() { Column = column, LabelColumn = label, LineLabel = lineLabel, Encoding = TextEncoding.Latin1 });

        Assert.Equal(count, data.Count);
        Assert.Equal(classes, data.ClassNames.Count);
        Assert.All(Enumerable.Range(0, count), i => Assert.NotEqual("", data.Read(i).Text));
    }

    private static string[] Texts(TextDataset data) => [.. Enumerable.Range(0, data.Count).Select(i => data.Read(i).Text)];
}
