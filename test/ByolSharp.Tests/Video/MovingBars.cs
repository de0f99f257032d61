using ByolSharp.Images;
using ByolSharp.Video;

namespace ByolSharp.Tests.Video;

/// <summary>
/// Bars that move to the left (label 0) or to the right (label 1) and come in again on the other side: no single frame, and no set of frames without
/// their order, says which. Colours and places are drawn anew for each clip, so that clips of a video share their motion alone.
/// </summary>
internal sealed class MovingBars(int count, long seed, bool isShuffled = false) : VideoDataset
{
    private const int Size = 16, Length = 16, BarWidth = 5;

    public override int Count => count;

    public override IReadOnlyList<string> ClassNames => ["left", "right"];

    public override string NameOf(int index) => $"{index}";

    public override int LabelOf(int index) => index % 2;

    public override VideoFacts FactsOf(int index) => new(8, 1, Length, Size, Size);

    public override Image[] Read(int index, FrameRange range)
    {
        var random = new SampleRandom(seed, index, range.First);
        int start = random.NextInt(Size);
        byte[] bar = Color(ref random), ground = Color(ref random);
        int[] times = [.. Enumerable.Range(0, range.Count).Select(i => Math.Min(Length - 1, range.First + i * range.Stride))];
        if (isShuffled)
        {
            random.Shuffle<int>(times);
        }
        return [.. times.Select(time => Frame(start + (LabelOf(index) == 0 ? -1 : 1) * time, bar, ground))];
    }

    private static Image Frame(int position, byte[] bar, byte[] ground)
    {
        var pixels = new byte[Size * Size * 3];
        for (int i = 0; i < Size * Size; i++)
        {
            bool isBar = (i % Size - position % Size + 2 * Size) % Size < BarWidth;
            (isBar ? bar : ground).CopyTo(pixels, 3 * i);
        }
        return new(Size, Size, 3, pixels);
    }

    private static byte[] Color(ref SampleRandom random) => [(byte)random.NextInt(256), (byte)random.NextInt(256), (byte)random.NextInt(256)];
}
