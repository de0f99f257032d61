using ByolSharp.Text.Tokenizers;
using CsCheck;

namespace ByolSharp.Tests.Text.Tokenizers;

public sealed class WordPieceTrainerTests : IDisposable
{
    private static readonly string[] Texts =
        [.. Enumerable.Range(0, 200).Select(i => $"The quick brown fox {i} jumps over the lazy dog's tail: größer, Résumé 東京 😀 and so on! Anna-Lena (x+y)")];

    private static readonly Lazy<TextTokenizer> Learned = new(() => TextTokenizer.TrainWordPiece(Texts, 400));
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_most_frequent_pair_is_joined_first_and_continued_pieces_are_marked()
    {
        var tokenizer = TextTokenizer.TrainWordPiece(["abab abab ab ab", "acd"], 300);

        // a ##b four times, then ab ##a and ##a ##b twice each; ##c ##d once, which is not worth a token
        Assert.Equal(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##a", "##b", "##c", "##d", "a", "b", "c", "d", "ab"], Pieces(tokenizer)[..14]);
        Assert.Equal(["ab"], Spelled(tokenizer, "ab"));
        Assert.Single(tokenizer.Encode("abab"));
        Assert.Equal(["a", "##c", "##d"], Spelled(tokenizer, "acd"));
    }

    /// <summary>Any words of known characters come back, in small letters, without accents, and with spaces around punctuation.</summary>
    [Fact]
    public void Words_of_known_characters_come_back()
    {
        string[] letters = [.. "thequickbrownfxjmpsvlazydg".Select(c => c.ToString()), "ö", "É", "T", "Q", "7", "0"], others = ["'", ":", "!", "-", "(", "+", ",", "東", "京", "😀", "\t", "\n"];
        var words = Gen.OneOf(
            Gen.Int[0, letters.Length - 1].Array[1, 12].Select(places => string.Concat(places.Select(place => letters[place]))),
            Gen.Int[0, others.Length - 1].Select(place => others[place]));

        words.Array[0, 12].Select(parts => string.Join(' ', parts)).Sample(
            text =>
            {
                var tokens = Learned.Value.Encode(text);
                Assert.DoesNotContain(1, tokens);
                Assert.Equal(BertWords.Of(text, isCased: false), BertWords.Of(Learned.Value.Decode(tokens), isCased: false));
            },
            iter: 2000, seed: "0000KO1l2c30");
    }

    [Fact]
    public void Words_are_cut_as_BERT_cuts_them()
    {
        Assert.Equal(["don", "'", "t", "resume", "!", "東", "京", "x", "+", "y", "a😀b"], BertWords.Of("Don't\tRésumé!\u0000 東京\u200b x+y a😀b", isCased: false));
        Assert.Equal(["Résumé"], BertWords.Of("Résumé", isCased: true));
    }

    [Fact]
    public void Learning_again_gives_the_same_and_stays_below_the_size()
    {
        Assert.Equal(Learned.Value.Source, TextTokenizer.TrainWordPiece(Texts, 400).Source);
        Assert.InRange(Learned.Value.VocabularySize, 100, 400);
        Assert.Equal([2, 3, 4], new[] { Learned.Value.ClassToken, Learned.Value.SeparatorToken, Learned.Value.MaskToken });
        Assert.Equal(4, Learned.Value.Encode("The QUICK brown fox").Count);
        Assert.Equal([1], Learned.Value.Encode("Ω"));
    }

    [Theory]
    [InlineData("tokenizer.json", false)]
    [InlineData("vocab.txt", false)]
    [InlineData("tokenizer.json", true)]
    [InlineData("vocab.txt", true)]
    public void Both_saved_files_give_the_same_tokens(string file, bool isCased)
    {
        const string text = "Quick foxes, größer than the Résumé of Anna 😀.";
        var tokenizer = TextTokenizer.TrainWordPiece(Texts, 400, isCased);
        tokenizer.Source.Save(_folder.Path);

        Assert.Equal(tokenizer.Encode(text), TextTokenizer.Open(_folder.Of(file)).Encode(text));
        Assert.Equal(isCased, tokenizer.Encode("the fox")[0] != tokenizer.Encode("The fox")[0]);
    }

    private static string[] Pieces(TextTokenizer tokenizer) =>
        SubwordTokenizer.WordPieces(System.Text.Json.JsonDocument.Parse(tokenizer.Source.Data).RootElement)!;

    private static string[] Spelled(TextTokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(token => Pieces(tokenizer)[token])];
}
