using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Videos as evaluation and embedding see them: clips spread over the video, each in several crops along its longer side.</summary>
/// <param name="data">The videos; not disposed.</param>
/// <param name="transform">Size and normalisation of a frame, cropped by <see cref="EvalCrop.ShortSide"/>.</param>
/// <param name="options">Length of a clip, number of clips and crops.</param>
public sealed class VideoEvalSource(VideoDataset data, EvalTransform transform, VideoOptions options) : IEvalSource
{
    /// <inheritdoc />
    public int Count => data.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; } = [transform.Channels, options.Frames, transform.ImageSize, transform.ImageSize];

    /// <inheritdoc />
    public int ViewCount => options.EvalClips * options.EvalCrops;

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => data.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => data.LabelOf(index);

    /// <inheritdoc />
    /// <exception cref="UnreadableSampleException">No frame of the video can be decoded.</exception>
    public void Render(int index, Span<float> views)
    {
        var facts = data.FactsOf(index);
        int clipLength = views.Length / options.EvalClips;
        FrameRange? before = null;
        for (int clip = 0; clip < options.EvalClips; clip++)
        {
            var range = ClipSampling.Spread(facts, options, clip);
            var crops = views.Slice(clip * clipLength, clipLength);
            if (range == before)
            {
                views.Slice((clip - 1) * clipLength, clipLength).CopyTo(crops); // the video is hardly longer than a clip
            }
            else
            {
                var frames = ClipContent.Read(data, index, range, options, options.EvalDifference);
                RenderClip([.. frames.Select(frame => ImageChannels.Convert(frame, transform.Channels))], new(crops, options.EvalCrops));
            }
            before = range;
        }
    }

    private void RenderClip(Image[] frames, ViewSpans crops)
    {
        var frame = new float[transform.ViewLength];
        for (int crop = 0; crop < crops.Count; crop++)
        {
            double place = crops.Count == 1 ? 0.5 : (double)crop / (crops.Count - 1);
            for (int t = 0; t < frames.Length; t++)
            {
                transform.Apply(frames[t], frame, place);
                ClipLayout.Put(frame, t, frames.Length, transform.Channels, crops[crop]);
            }
        }
    }
}
