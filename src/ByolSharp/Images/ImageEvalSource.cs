namespace ByolSharp.Images;

/// <summary>Images as evaluation and embedding see them: resized, cut in the middle, normalised.</summary>
/// <param name="data">The images; not disposed.</param>
/// <param name="transform">Size, channels and normalisation.</param>
public sealed class ImageEvalSource(ImageDataset data, EvalTransform transform) : IEvalSource
{
    /// <inheritdoc />
    public int Count => data.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; } = [transform.Channels, transform.ImageSize, transform.ImageSize];

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => data.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => data.LabelOf(index);

    /// <inheritdoc />
    /// <exception cref="UnreadableSampleException">The image cannot be decoded or has other channels that do not convert.</exception>
    public void Render(int index, Span<float> view) => transform.Apply(ImageChannels.Convert(data.Read(index), transform.Channels), view);
}
