using ByolSharp.Images;

namespace ByolSharp.Video;

/// <summary>Some samples of a data set, in the order given.</summary>
/// <param name="whole">The data set; not disposed.</param>
/// <param name="samples">Indices into it.</param>
public sealed class VideoSubset(VideoDataset whole, IReadOnlyList<int> samples) : VideoDataset
{
    /// <inheritdoc />
    public override int Count => samples.Count;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => whole.ClassNames;

    /// <inheritdoc />
    public override string NameOf(int index) => whole.NameOf(samples[index]);

    /// <inheritdoc />
    public override int LabelOf(int index) => whole.LabelOf(samples[index]);

    /// <inheritdoc />
    public override string? IdentityOf(int index) => whole.IdentityOf(samples[index]);

    /// <inheritdoc />
    public override VideoFacts FactsOf(int index) => whole.FactsOf(samples[index]);

    /// <inheritdoc />
    public override Image[] Read(int index, FrameRange range) => whole.Read(samples[index], range);

    internal override Image[] ReadChanges(int index, FrameRange range, int reach) => whole.ReadChanges(samples[index], range, reach);
}
