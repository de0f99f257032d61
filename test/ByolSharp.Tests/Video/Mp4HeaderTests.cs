using ByolSharp.Video;
using ByolSharp.Video.Decoding;

namespace ByolSharp.Tests.Video;

public sealed class Mp4HeaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.mp4", "-c:v libx264")]
    [InlineData("a.mp4", "-c:v libx264 -bf 0 -movflags +faststart")]
    [InlineData("a.mp4", "-c:v libx264 -video_track_timescale 90000 -movie_timescale 600")]
    [InlineData("a.mp4", "-c:v libx264 -r 30000/1001")]
    [InlineData("a.mp4", "-vsync passthrough -c:v libx264", ",settb=1/12000,setpts=(N*N*0.01+N*0.05)/TB")]
    [InlineData("a.mov", "-c:v libx264 -g 10")]
    [InlineData("a.m4v", "-c:v mpeg4")]
    public void Plain_files_have_the_facts_that_ffprobe_gives(string name, string options, string filters = "")
    {
        string file = Films.Make(_folder.Of(name), 37, options, filters);

        Assert.Equal(Probed(file), Mp4Header.Read(new(file)));
    }

    [Fact]
    public void Sound_beside_the_pictures_changes_nothing()
    {
        string file = _folder.Of("a.mp4");
        Films.Run($"-f lavfi -i sine=duration=3 -f lavfi -i testsrc=s=64x48:r=25:d=2 -c:a aac -c:v libx264 -pix_fmt yuv420p {file}");

        Assert.Equal(Probed(file), Mp4Header.Read(new(file)));
    }

    [Fact]
    public void A_part_of_a_file_is_read_as_a_file()
    {
        string file = Films.Make(_folder.Of("a.mp4"), 20, "-c:v libx264");
        byte[] bytes = File.ReadAllBytes(file);
        string archive = _folder.Write("a.tar", [.. new byte[512], .. bytes, .. new byte[700]]);

        Assert.Equal(Probed(file), Mp4Header.Read(new(archive, 512, bytes.Length)));
    }

    [Theory]
    [InlineData("a.mp4", "-c:v libx264 -movflags frag_keyframe+empty_moov")]
    [InlineData("a.mov", "-c:v mjpeg")]
    [InlineData("a.webm", "-c:v libvpx")]
    [InlineData("a.gif", "-pix_fmt gray")]
    public void What_is_not_plain_is_left_to_ffprobe(string name, string options) => Assert.Null(Mp4Header.Read(new(Films.Make(_folder.Of(name), 20, options))));

    [Fact]
    public void A_cut_that_left_frames_before_its_start_is_left_to_ffprobe()
    {
        string whole = Films.Make(_folder.Of("a.mp4"), 40, "-c:v libx264 -g 12"), cut = _folder.Of("cut.mp4");
        Films.Run($"-ss 0.5 -i {whole} -c copy {cut}");

        Assert.Null(Mp4Header.Read(new(cut)));
    }

    [Fact]
    public void Whatever_bytes_are_wrong_nothing_else_happens_than_that_ffprobe_is_asked()
    {
        byte[] whole = File.ReadAllBytes(Films.Make(_folder.Of("a.mp4"), 20, "-c:v libx264 -movflags +faststart"));
        var random = new SampleRandom(7);
        int left = 0;
        for (int trial = 0; trial < 2000; trial++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 4; i++)
            {
                damaged[random.NextInt(1200)] = (byte)random.NextInt(256);
            }
            int length = random.NextBool(0.5) ? whole.Length : random.NextInt(whole.Length);

            if (Mp4Header.Read(new(_folder.Write("damaged.mp4", damaged[..length]))) is null)
            {
                left++;
            }
        }
        Assert.InRange(left, 1000, 1999); // half of the files are cut short; damage to names or to the decoder's part is not seen
    }

    [Theory]
    [InlineData("lpc-actions")]
    [InlineData("egogestar")]
    public void Real_files_have_the_facts_that_ffprobe_gives(string name)
    {
        string[] files = Directory.GetFiles(TestData.Find("video", name, "test"), "*.mp4", SearchOption.AllDirectories);

        Assert.All(files.Where((_, i) => i % 10 == 0), file => Assert.Equal(Probed(file), Mp4Header.Read(new(file))));
    }

    [Fact]
    public void A_header_that_hides_the_size_of_the_pictures_does_not_pass_the_limit()
    {
        string file = Films.Make(_folder.Of("a.mp4"), 4, "-c:v libx264");
        var facts = Mp4Header.Read(new(file))!.Value with { Width = 8, Height = 8 };

        Assert.Throws<UnreadableSampleException>(() => new VideoDecoder { MaxPixels = 3000 }.Read($"file:{file}", facts, new(0, 1, 2)));
        Assert.Equal(2, new VideoDecoder { MaxPixels = 3072 }.Read($"file:{file}", facts, new(0, 1, 2)).Length);
    }

    private static VideoFacts? Probed(string file) => VideoProbe.Run($"file:{file}", long.MaxValue);
}
