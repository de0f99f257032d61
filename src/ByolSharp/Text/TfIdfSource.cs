namespace ByolSharp.Text;

/// <summary>Texts as the weights of their terms, for <see cref="Evaluation.PixelBackbone"/>.</summary>
/// <param name="data">The texts; not disposed.</param>
/// <param name="weights">The terms.</param>
public sealed class TfIdfSource(TextDataset data, TfIdf weights) : IEvalSource
{
    /// <inheritdoc />
    public int Count => data.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; } = [weights.Terms.Count];

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => data.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => data.LabelOf(index);

    /// <inheritdoc />
    /// <exception cref="UnreadableSampleException">The text cannot be read.</exception>
    public void Render(int index, Span<float> views) => weights.Weigh(data.Read(index).Text, views);
}
