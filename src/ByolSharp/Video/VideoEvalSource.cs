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
        var all = new ViewSpans(views, ViewCount);
        var frame = new float[transform.ViewLength];
        for (int clip = 0; clip < options.EvalClips; clip++)
        {
            var range = ClipSampling.Spread(data.FactsOf(index), options, clip);
            var frames = ClipContent.Read(data, index, range, options, options.EvalDifference);
            for (int crop = 0; crop < options.EvalCrops; crop++)
            {
                double place = options.EvalCrops == 1 ? 0.5 : (double)crop / (options.EvalCrops - 1);
                for (int t = 0; t < frames.Length; t++)
                {
                    transform.Apply(ImageChannels.Convert(frames[t], transform.Channels), frame, place);
                    ClipLayout.Put(frame, t, frames.Length, transform.Channels, all[clip * options.EvalCrops + crop]);
                }
            }
        }
    }
}
