using System.Formats.Tar;

namespace ByolSharp.Tests;

public sealed class DataKindsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(DataKind.Video, "run/a.mp4", "walk/b.webm")]
    [InlineData(DataKind.Images, "run/a.png", "walk/b.jpg")]
    [InlineData(DataKind.Images, "run/a.gif")]
    [InlineData(DataKind.Images, "thumbs/a.jpg", "films/a.mp4")]
    [InlineData(DataKind.Video, "films/a.mp4", "films/b.gif.mkv", "films/notes.txt")]
    public void Names_of_files_say_what_data_are(DataKind expected, params string[] files)
    {
        foreach (string file in files)
        {
            _folder.Write($"data/{file}", "not looked into");
        }
        _folder.Write("list.txt", string.Join('\n', files.Select(file => $"data/{file}")));
        TarFile.CreateFromDirectory(_folder.Of("data"), _folder.Of("shard.tar"), includeBaseDirectory: false);

        Assert.Equal(expected, DataKinds.Of(_folder.Of("data")));
        Assert.Equal(expected, DataKinds.Of(_folder.Of("shard.tar")));
        if (!files[0].StartsWith("thumbs", StringComparison.Ordinal))
        {
            Assert.Equal(expected, DataKinds.Of(_folder.Of("list.txt")));
        }
    }

    [Fact]
    public void What_is_not_there_counts_as_images_whose_error_says_so()
    {
        Assert.Equal(DataKind.Images, DataKinds.Of(_folder.Of("nothing")));
        Assert.Equal(DataKind.Images, DataKinds.Of("demo:train"));
    }
}
