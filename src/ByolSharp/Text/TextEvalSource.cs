using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Texts as evaluation and embedding see them: whole, or their beginning where they are longer than a view.</summary>
/// <param name="data">The texts; not disposed.</param>
/// <param name="maxTokens">Tokens of a view, with those at its ends.</param>
/// <param name="tokenizer">Cuts texts into tokens.</param>
public sealed class TextEvalSource(TextDataset data, int maxTokens, TextTokenizer tokenizer) : IEvalSource
{
    /// <inheritdoc />
    public int Count => data.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape { get; } = [TextLayout.LengthFor(maxTokens)];

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => data.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => data.LabelOf(index);

    /// <inheritdoc />
    /// <exception cref="UnreadableSampleException">The text cannot be read.</exception>
    public void Render(int index, Span<float> views) =>
        TextLayout.Write(views, tokenizer.Subwords.EncodeWhole(data.Read(index).Text, maxTokens));
}
