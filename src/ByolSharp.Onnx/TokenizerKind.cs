namespace ByolSharp.Text.Tokenizers;

/// <summary>What a <see cref="SubwordTokenizer"/> is made of, by the names that encoder files use.</summary>
internal enum TokenizerKind
{
    Json,
    WordPiece,
    SentencePiece,
}
