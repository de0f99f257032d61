using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Whole videos as images, their frames one below the other, so that what keeps decoded images keeps videos as well.</summary>
/// <param name="videos">The data set; not disposed.</param>
internal sealed class FilmStrips(VideoDataset videos) : ImageDataset
{
    public override int Count => videos.Count;

    public override string NameOf(int index) => videos.NameOf(index);

    public override int LabelOf(int index) => videos.LabelOf(index);

    public override string? IdentityOf(int index) => videos.IdentityOf(index);

    public override Image Read(int index) => Join(videos.Read(index, new(0, 1, videos.FactsOf(index).FrameCount)));

    /// <summary>Frames of one size, one below the other.</summary>
    internal static Image Join(Image[] frames)
    {
        var pixels = new byte[frames.Sum(frame => frame.SizeInBytes)];
        for (int i = 0, at = 0; i < frames.Length; at += frames[i].Bytes.Length, i++)
        {
            frames[i].Bytes.CopyTo(pixels.AsSpan(at));
        }
        return new(frames[0].Width, frames[0].Height * frames.Length, frames[0].Channels, pixels);
    }

    /// <summary>Some frames of a strip; those behind its end repeat its last one.</summary>
    internal static Image[] Cut(Image strip, int frameCount, FrameRange range)
    {
        int height = strip.Height / frameCount, length = height * strip.Width * strip.Channels;
        var frames = new Image[range.Count];
        for (int i = 0; i < frames.Length; i++)
        {
            int frame = Math.Min(range.First + i * range.Stride, frameCount - 1);
            frames[i] = new(strip.Width, height, strip.Channels, strip.Bytes.Slice(frame * length, length).ToArray());
        }
        return frames;
    }
}
