using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>
/// Random views of clips: one draw of crop, flip, colours, blur and solarisation a clip, which all its frames share, so that nothing but the video
/// itself moves in a view. Each frame is blurred by itself. Immutable; may be used from several threads at once.
/// </summary>
/// <param name="images">The distribution, made ready for the frames of a view.</param>
/// <param name="options">Length of a clip and probability of temporal differences.</param>
internal sealed class ClipAugmentation(ImageAugmentation images, VideoOptions options)
{
    /// <summary>Draws and makes one view of a video.</summary>
    /// <param name="videos">The data set.</param>
    /// <param name="index">The video.</param>
    /// <param name="random">The stream that decides.</param>
    /// <param name="view">[3, frames, size, size] normalised values.</param>
    internal void Apply(VideoDataset videos, int index, ref SampleRandom random, Span<float> view)
    {
        var range = ClipSampling.Draw(ref random, videos.FactsOf(index), options);
        bool isDifference = random.NextBool(options.DifferenceProbability);
        var shown = ClipContent.Read(videos, index, range, options, isDifference);
        Apply(shown, images.Draw(ref random, shown[0].Width, shown[0].Height), view);
    }

    /// <summary>Makes the view that was drawn.</summary>
    internal void Apply(Image[] frames, in DrawnAugmentation drawn, Span<float> view)
    {
        var frame = new float[images.ViewLength];
        for (int t = 0; t < frames.Length; t++)
        {
            if (frames[t].Channels == 1)
            {
                images.ApplyGrey(frames[t], drawn, frame);
            }
            else
            {
                images.Apply(frames[t], drawn, frame);
            }
            ClipLayout.Put(frame, t, frames.Length, images.Channels, view);
        }
    }
}
