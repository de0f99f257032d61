using ByolSharp.Sources;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Labelled texts to train a classifier on: whole texts, from which the encoder drops values.</summary>
/// <param name="data">The texts; not disposed.</param>
/// <param name="options">How many tokens a view has, and how much is dropped; the other augmentations are not used.</param>
/// <param name="tokenizer">Cuts texts into tokens.</param>
public sealed class TextTrainingSource(TextDataset data, TextOptions options, TextTokenizer tokenizer)
    : TrainingSource(new TextEvalSource(data, options.MaxTokens, tokenizer))
{
    private readonly TextOptions _whole = new() { MaxTokens = options.MaxTokens, Dropout = options.Dropout };

    /// <inheritdoc />
    public override IViewSource Augmented(IReadOnlyList<int> samples, long seed) =>
        new TextViewSource(new ReadableTexts(new TextSubset(data, samples), Quarantine), _whole, tokenizer, seed, viewCount: 1);
}
