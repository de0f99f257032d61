using System.Diagnostics;
using ByolSharp.Export.Torch;
using ByolSharp.Images;
using ByolSharp.Tests.Training;
using ByolSharp.Video;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Video;

[Collection(nameof(WholeProcess))]
public sealed class VideoDecoderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a.mp4", "-c:v libx264 -g 12")]
    [InlineData("a.mkv", "-c:v libx264 -g 12 -bf 3")]
    [InlineData("a.mov", "-c:v libx264 -g 60")]
    [InlineData("a.webm", "-c:v libvpx -b:v 2M -g 12")]
    [InlineData("a.avi", "-c:v mpeg4 -q:v 1 -g 12")]
    [InlineData("a.gif", "-pix_fmt gray")]
    public void Frames_are_found_by_their_numbers_wherever_a_clip_begins(string name, string options)
    {
        string file = Films.Make(_folder.Of(name), 60, options);

        Assert.Equal([0, 1, 2, 3], Films.Numbers(file, new(0, 1, 4)));
        Assert.Equal([31, 32, 33], Films.Numbers(file, new(31, 1, 3)));
        Assert.Equal([5, 12, 19, 26], Films.Numbers(file, new(5, 7, 4)));
        Assert.Equal([58, 59, 59, 59], Films.Numbers(file, new(58, 1, 4)));
    }

    [Fact]
    public void A_varying_frame_rate_is_sampled_evenly_in_time()
    {
        // Frame n is shown from 0.01 n^2 + 0.05 n seconds on.
        string file = Films.Make(_folder.Of("a.mp4"), 60, "-vsync passthrough -c:v libx264 -g 12", ",settb=1/12000,setpts=(N*N*0.01+N*0.05)/TB");
        var decoder = new VideoDecoder();
        var facts = decoder.Probe($"file:{file}");
        var range = new FrameRange(3, 4, 10);

        int[] actual = Films.Numbers(decoder.Read($"file:{file}", facts, range));

        int[] expected = [.. Enumerable.Range(0, range.Count).Select(i => ShownAt(facts.TimeOf(range.First + i * range.Stride)))];
        Assert.Equal(expected, actual);
        Assert.True(expected.Distinct().Count() > 7, "the test looks at different frames");

        static int ShownAt(double time) => Enumerable.Range(0, 60).Last(n => 0.01 * n * n + 0.05 * n <= time + 1e-4);
    }

    [Fact]
    public void A_rotation_that_the_file_asks_for_is_applied()
    {
        string flat = Films.Make(_folder.Of("flat.mp4"), 4, "-c:v libx264"), turned = _folder.Of("turned.mp4");
        Films.Run($"-i {flat} -c copy -metadata:s:v rotate=90 {turned}");
        var decoder = new VideoDecoder { ShortSide = 24 };

        Assert.Equal((64, 48), SizeOf(new(), flat));
        Assert.Equal((48, 64), SizeOf(new(), turned));
        Assert.Equal((32, 24), SizeOf(decoder, flat));
        Assert.Equal((24, 32), SizeOf(decoder, turned));
    }

    [Fact]
    public void Frames_are_those_of_plain_ffmpeg_bit_for_bit()
    {
        string file = Directory.GetFiles(TestData.Find("video", "lpc-actions", "train", "walk"))[0];
        Films.Run($"-i {file} -pix_fmt rgb24 -f rawvideo {_folder.Of("frames.rgb")}");

        var decoder = new VideoDecoder();
        var facts = decoder.Probe($"file:{file}");
        Image[] frames = decoder.Read($"file:{file}", facts, new(0, 1, facts.FrameCount));

        Assert.Equal(File.ReadAllBytes(_folder.Of("frames.rgb")), frames.SelectMany(frame => frame.Bytes.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void Frames_are_those_that_PyTorch_saved_of_the_same_file_bit_for_bit(int number)
    {
        string file = TestData.Find("reference", "torchcodec", "nasa_13013.mp4");
        using TorchCheckpoint saved = TorchCheckpoint.Read(TestData.Find("reference", "torchcodec", $"nasa_13013.mp4.stream0.frame{number:D6}.pt"));
        Tensor expected = saved.Tensors[""]; // [H, W, 3]

        var decoder = new VideoDecoder();
        Image frame = decoder.Read($"file:{file}", decoder.Probe($"file:{file}"), new(number, 1, 1)).Single();

        Assert.Equal((expected.shape[1], expected.shape[0]), (frame.Width, frame.Height));
        Assert.Equal(expected.data<byte>().ToArray(), frame.Bytes.ToArray());
    }

    [Fact]
    public void A_clip_of_a_long_video_costs_no_more_than_its_place_asks_for()
    {
        // Four hours at one frame a second with few key frames: what is decoded lies behind the last key frame.
        string file = _folder.Of("long.mp4");
        Films.Run($"-f lavfi -i color=gray:s=32x32:r=1 -frames:v 14400 -c:v libx264 -preset ultrafast -g 60 {file}");
        var decoder = new VideoDecoder();
        var facts = decoder.Probe($"file:{file}");
        Assert.Equal(14400, facts.FrameCount);

        long before = GC.GetTotalAllocatedBytes(precise: true);
        Image[] frames = decoder.Read($"file:{file}", facts, new(14000, 8, 8));

        Assert.Equal(8, frames.Length);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 2_000_000); // all frames would be 44 million bytes
    }

    [Fact]
    public void Many_clips_of_a_film_of_hours_leave_memory_and_handles_as_they_were()
    {
        string file = _folder.Of("long.mp4");
        Films.Run($"-f lavfi -i color=gray:s=64x64:r=1 -frames:v 14400 -c:v libx264 -preset ultrafast -g 60 {file}");
        Directory.CreateDirectory(_folder.Of("films"));
        File.Move(file, _folder.Of("films/long.mp4"));
        using var videos = new CachedVideos(VideoSources.Open(_folder.Of("films")), 100_000_000);
        Read(10, from: 0);
        int handles = Handles();
        long memory = Process.GetCurrentProcess().PrivateMemorySize64;

        Read(40, from: 5000);

        Assert.InRange(Handles() - handles, -50, 5);
        Assert.InRange(Process.GetCurrentProcess().PrivateMemorySize64 - memory, long.MinValue, 50_000_000); // decoded as a whole it has 177 million

        void Read(int clips, int from)
        {
            for (int i = 0; i < clips; i++)
            {
                Assert.Equal(8, videos.Read(0, new(from + 97 * i, 8, 8)).Length);
            }
        }
    }

    [Fact]
    public void What_is_no_video_is_said_in_one_line()
    {
        string whole = Films.Make(_folder.Of("whole.mp4"), 24, "-c:v libx264");
        byte[] bytes = File.ReadAllBytes(whole);
        string song = _folder.Of("song.mp4"), none = _folder.Of("none.mp4");
        Films.Run($"-f lavfi -i sine=duration=1 -c:a aac {song}");
        Films.Run($"-i {whole} -frames:v 0 -c copy {none}");

        Assert.Equal("holds no video stream", ErrorOf(song));
        Assert.Contains("cannot be decoded", ErrorOf(_folder.Write("noise.mp4", [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 31))])), StringComparison.Ordinal);
        Assert.Contains("cannot be decoded", ErrorOf(_folder.Write("half.mp4", bytes[..(bytes.Length / 2)])), StringComparison.Ordinal); // its index is at the end
        Assert.DoesNotContain(_folder.Path, ErrorOf(_folder.Of("half.mp4")), StringComparison.Ordinal);
        Assert.NotEmpty(ErrorOf(none));
        Assert.Contains("too large: 64 x 48 pixels", Assert.Throws<UnreadableSampleException>(() => new VideoDecoder { MaxPixels = 3000 }.Probe($"file:{whole}")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_frame_and_a_file_that_ends_early_give_whole_clips()
    {
        string one = Films.Make(_folder.Of("one.mp4"), 1, "-c:v libx264");
        string whole = Films.Make(_folder.Of("whole.mkv"), 48, "-c:v libx264 -g 6");
        byte[] bytes = File.ReadAllBytes(whole);
        string cut = _folder.Write("cut.mkv", bytes[..(bytes.Length * 2 / 3)]);

        Assert.Equal([0, 0, 0, 0], Films.Numbers(one, new(0, 2, 4)));
        Assert.Equal(8, Films.Numbers(cut, new(40, 1, 8)).Length);
        Assert.Equal([0, 1, 2], Films.Numbers(cut, new(0, 1, 3)));
    }

    [Fact]
    public void No_decoder_is_left_when_reading_fails_in_the_middle()
    {
        string file = Films.Make(_folder.Of("a.mp4"), 60, "-c:v libx264");
        int before = Handles();

        for (int i = 0; i < 5; i++)
        {
            Assert.Throws<InvalidOperationException>(() => ByolSharp.Video.Decoding.ToolProcess.Read<int>(
                "ffmpeg", ["-v", "error", "-stream_loop", "-1", "-i", file, "-f", "rawvideo", "-"], output =>
                {
                    output.ReadByte();
                    throw new InvalidOperationException("planted");
                }));
        }

        Assert.DoesNotContain(Process.GetProcessesByName("ffmpeg"), p => CommandLine(p).Contains(_folder.Path, StringComparison.Ordinal));
        Assert.InRange(Handles() - before, -50, 5);
    }

    private static (int Width, int Height) SizeOf(VideoDecoder decoder, string file)
    {
        Image frame = decoder.Read($"file:{file}", decoder.Probe($"file:{file}"), new(1, 1, 1))[0];
        return (frame.Width, frame.Height);
    }

    private static string ErrorOf(string file) => Assert.Throws<UnreadableSampleException>(() => Films.Numbers(file, new(0, 1, 2))).Message;

    private static int Handles()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.Exists("/proc/self/fd") ? Directory.GetFiles("/proc/self/fd").Length : 0;
    }

    private static string CommandLine(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return ""; // it is gone
        }
    }
}
