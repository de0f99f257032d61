using ByolSharp.Search;
using Microsoft.Data.Sqlite;

namespace ByolSharp.Tests.Search;

/// <summary>What was written is there again, as a whole or not at all, and only for the encoder that made it.</summary>
public sealed class RepresentationIndexTests : IDisposable
{
    private static readonly IndexEncoder Encoder = new("abc", 3, "runs/one");
    private readonly TempFolder _folder = new();

    private string File_ => _folder.Of("index.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Samples_come_back_in_the_order_of_their_names()
    {
        using (var index = RepresentationIndex.OpenOrCreate(File_, Encoder))
        {
            index.Write([Sample("b", 1, 2, 3) with { Label = "cat" }, new("broken") { Stamp = "s", Error = "truncated" }, Sample("a", 4, 5, 6)]);
        }
        using var again = RepresentationIndex.Open(File_);
        var matrix = again.Load();

        Assert.Equal(Encoder, again.Encoder);
        Assert.Equal(["a", "b"], matrix.Names);
        Assert.Equal([null, "cat"], matrix.Labels);
        Assert.Equal([4, 5, 6, 1, 2, 3], matrix.Values.ToArray());
        Assert.Equal(["a", "b", "broken"], again.Known().Keys.Order());
        Assert.Equal((null, "s"), again.Known()["broken"]);
    }

    [Fact]
    public void A_sample_of_a_known_name_is_replaced_and_one_that_was_removed_is_gone()
    {
        using var index = RepresentationIndex.OpenOrCreate(File_, Encoder);
        index.Write([Sample("a", 1, 1, 1), Sample("b", 2, 2, 2)]);
        index.Write([Sample("a", 3, 3, 3)]);
        index.Remove(["b", "never there"]);

        Assert.Equal([3, 3, 3], index.Load().Values.ToArray());
    }

    [Fact]
    public void Bytes_that_are_known_lend_their_representation()
    {
        using var index = RepresentationIndex.OpenOrCreate(File_, Encoder);
        UInt128 high = UInt128.MaxValue - 1;
        index.Write([Sample("a", 1, 2, 3) with { Content = high }, new("broken") { Content = 7, Error = "no image" }]);

        Assert.Equal([1, 2, 3], Assert.IsType<float[]>(index.Find(high)));
        Assert.Null(index.Find(7));
        Assert.Null(index.Find(8));
    }

    [Fact]
    public void A_write_that_fails_leaves_nothing()
    {
        using var index = RepresentationIndex.OpenOrCreate(File_, Encoder);

        Assert.Contains("'wrong' has 2 numbers instead of 3", Assert.Throws<ArgumentException>(() => index.Write([Sample("a", 1, 2, 3), Sample("wrong", 1, 2)])).Message);
        Assert.Empty(index.Known());
    }

    [Fact]
    public void Representations_of_another_encoder_are_refused()
    {
        RepresentationIndex.OpenOrCreate(File_, Encoder).Dispose();

        Assert.Contains("another encoder (runs/one)", Assert.Throws<InvalidDataException>(() => RepresentationIndex.OpenOrCreate(File_, Encoder with { Fingerprint = "x" })).Message);
        Assert.Throws<InvalidDataException>(() => RepresentationIndex.OpenOrCreate(File_, Encoder with { RepresentationSize = 4 }));
    }

    [Fact]
    public void Other_files_are_refused_and_left_as_they_are()
    {
        string text = _folder.Write("text.db", new string('x', 5000));
        string database = _folder.Of("other.db");
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE sample (name TEXT)";
            command.ExecuteNonQuery();
        }

        Assert.Contains("no index", Assert.Throws<InvalidDataException>(() => RepresentationIndex.Open(text)).Message);
        Assert.Contains("no index", Assert.Throws<InvalidDataException>(() => RepresentationIndex.OpenOrCreate(database, Encoder)).Message);
        Assert.Throws<FileNotFoundException>(() => RepresentationIndex.Open(_folder.Of("none.db")));
        Assert.Throws<IOException>(() => RepresentationIndex.OpenOrCreate(_folder.Of("no/folder.db"), Encoder));
        Assert.Equal(5000, new FileInfo(text).Length);
        Assert.False(File.Exists(_folder.Of("none.db")));
    }

    private static IndexedSample Sample(string name, params float[] representation) => new(name) { Representation = representation };
}
