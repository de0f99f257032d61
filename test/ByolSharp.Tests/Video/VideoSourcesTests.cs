using System.Formats.Tar;
using ByolSharp.Images;
using ByolSharp.Sources;
using ByolSharp.Video;

namespace ByolSharp.Tests.Video;

public sealed class VideoSourcesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Folders_lists_and_shards_give_the_same_videos()
    {
        Films.Make(_folder.Of("data/run/a.mp4"), 12, "-c:v libx264");
        Films.Make(_folder.Of("data/walk/b.mkv"), 24, "-c:v libx264");
        _folder.Write("data/walk/notes.md", "no video");
        _folder.Write("list.csv", "path,label\ndata/run/a.mp4,run\ndata/walk/b.mkv,walk\n");
        TarFile.CreateFromDirectory(_folder.Of("data"), _folder.Of("shard.tar"), includeBaseDirectory: true);

        foreach (string source in new[] { "data", "list.csv", "shard.tar" })
        {
            using VideoDataset data = VideoSources.Open(_folder.Of(source));

            Assert.Equal(2, data.Count);
            Assert.Equal(["run", "walk"], data.ClassNames);
            Assert.Equal([0, 1], Enumerable.Range(0, 2).Select(data.LabelOf));
            Assert.Equal([12, 24], Enumerable.Range(0, 2).Select(i => data.FactsOf(i).FrameCount));
            Assert.Equal([10, 14, 18], Films.Numbers(data.Read(1, new(10, 4, 3))));
        }
    }

    [Fact]
    public void What_holds_no_videos_is_said()
    {
        Films.Run("-version");
        _folder.Write("empty/notes.md", "nothing");

        Assert.StartsWith($"no videos in '{_folder.Of("empty")}': looked for video files (.mp4",
            Assert.Throws<UnusableDataException>(() => VideoSources.Open(_folder.Of("empty"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Unreadable_videos_are_quarantined_and_others_of_their_class_stand_in()
    {
        Films.Make(_folder.Of("run/a.mp4"), 12, "-c:v libx264");
        Films.Make(_folder.Of("walk/b.mp4"), 24, "-c:v libx264", filters: ",negate");
        _folder.Write("walk/empty.mp4", "");
        _folder.Write("walk/noise.mp4", [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 31))]);
        Films.Run($"-f lavfi -i sine=duration=1 -c:a aac {_folder.Of("walk/song.mp4")}");
        using var data = new ReadableVideos(VideoSources.Open(_folder.Path), new Quarantine());

        Image[] first = data.Read(1, new(0, 1, 2));

        Assert.All(Enumerable.Range(2, 3), i => Assert.Equal(first[0].Bytes.ToArray(), data.Read(i, new(0, 1, 2))[0].Bytes.ToArray()));
        Assert.Equal(["walk/empty.mp4", "walk/noise.mp4", "walk/song.mp4"], data.Quarantine.Entries.Select(e => e.Name));
        Assert.Equal("is empty", data.Quarantine.Entries[0].Reason);
        Assert.Equal("holds no video stream", data.Quarantine.Entries[2].Reason);
    }

    [Fact]
    public void Cached_videos_are_the_same_and_decoded_once()
    {
        Films.Make(_folder.Of("run/a.mp4"), 30, "-c:v libx264 -g 10");
        using VideoDataset plain = VideoSources.Open(_folder.Path);
        var counting = new CountingVideos(plain);
        using var cached = new CachedVideos(counting, 10_000_000);
        using var tooSmall = new CachedVideos(plain, 1000);

        foreach (FrameRange range in new FrameRange[] { new(0, 1, 8), new(20, 3, 8), new(29, 1, 2), new(3, 2, 4) })
        {
            byte[][] expected = [.. plain.Read(0, range).Select(frame => frame.Bytes.ToArray())];
            Assert.Equal(expected, cached.Read(0, range).Select(frame => frame.Bytes.ToArray()));
            Assert.Equal(expected, tooSmall.Read(0, range).Select(frame => frame.Bytes.ToArray()));
        }
        Assert.Equal(1, counting.Reads);
    }

    private sealed class CountingVideos(VideoDataset inner) : WrappedVideos(inner)
    {
        public int Reads { get; private set; }

        public override VideoFacts FactsOf(int index) => Inner.FactsOf(index);

        public override Image[] Read(int index, FrameRange range)
        {
            Reads++;
            return Inner.Read(index, range);
        }
    }
}
