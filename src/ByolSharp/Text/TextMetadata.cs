using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>How texts are prepared for an encoder; travels in its file.</summary>
/// <param name="Options">Columns, length and vocabulary.</param>
/// <param name="Tokenizer">All of the tokenizer, so that an encoder's file is enough to use it.</param>
public sealed record TextMetadata(TextOptions Options, TokenizerSource Tokenizer)
{
    /// <summary>For options and their tokenizer, whose vocabulary is filled in.</summary>
    internal static TextMetadata Of(TextOptions options, TextTokenizer tokenizer) => new(
        options with { VocabularySize = tokenizer.VocabularySize, MaskToken = tokenizer.MaskToken, TokenizerHash = tokenizer.Source.Hash }, tokenizer.Source);
}
