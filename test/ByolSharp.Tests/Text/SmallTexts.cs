using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Images.Backbones;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Tests.Text;

/// <summary>Texts, a tokenizer and encoders that are made in a moment.</summary>
internal static class SmallTexts
{
    /// <summary>Texts of one to about a hundred tokens, one of them empty.</summary>
    public static readonly string[] Texts =
    [
        "the quick brown fox jumps over the lazy dog", "größer, 東京 😀 and so on", "", "fox", string.Join(' ', Enumerable.Repeat("a lazy dog sees the fox", 20)),
        "The old man likes cold water.\nHis sister\tdoes not.", "dog dog dog dog dog dog dog dog",
    ];

    /// <summary>A byte-level tokenizer.</summary>
    public static TextTokenizer Tokenizer { get; } = TextTokenizer.Train(Texts, 300);

    /// <summary>How texts are prepared.</summary>
    /// <param name="tokenizer">Null: <see cref="Tokenizer"/>.</param>
    public static EncoderMetadata Metadata(TextTokenizer? tokenizer = null) => new() { Text = TextMetadata.Of(new() { MaxTokens = 24 }, tokenizer ?? Tokenizer) };

    /// <summary>A network in evaluation mode, with scales and offsets that are not the initial ones.</summary>
    public static BertEncoder Encoder(BackboneOptions options, EncoderMetadata metadata)
    {
        var encoder = TextBackbones.Create(options, metadata.Text!.Options, seed: 3);
        Networks.Settle(encoder, TextViewsOf.Tokens(4, 0, [2, 7, 3]));
        return encoder;
    }
}
