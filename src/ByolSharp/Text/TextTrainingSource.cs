using ByolSharp.Sources;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Labelled texts to train a classifier on: whole texts, from which the encoder drops values.</summary>
/// <param name="data">The texts; not disposed.</param>
/// <param name="options">How many tokens a view has, and how much is dropped; the other augmentations are not used.</param>
/// <param name="tokenizer">Cuts texts into tokens.</param>
public sealed class TextTrainingSource(TextDataset data, TextOptions options, TextTokenizer tokenizer) : ITrainingSource
{
    private readonly TextEvalSource _plain = new(data, options.MaxTokens, tokenizer);
    private readonly TextOptions _whole = new() { MaxTokens = options.MaxTokens, Dropout = options.Dropout };

    /// <summary>Texts that could not be read when views were drawn; others of their class, from the same part of the data, stood in.</summary>
    public Quarantine Quarantine { get; } = new();

    /// <inheritdoc />
    public int Count => _plain.Count;

    /// <inheritdoc />
    public IReadOnlyList<long> ViewShape => _plain.ViewShape;

    /// <inheritdoc />
    public IReadOnlyList<string> ClassNames => _plain.ClassNames;

    /// <inheritdoc />
    public string NameOf(int index) => _plain.NameOf(index);

    /// <inheritdoc />
    public int LabelOf(int index) => _plain.LabelOf(index);

    /// <inheritdoc />
    public void Render(int index, Span<float> views) => _plain.Render(index, views);

    /// <inheritdoc />
    public IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
        new TextViewSource(new ReadableTexts(new TextSubset(data, samples), Quarantine), _whole, tokenizer, seed, viewCount: 1);
}
