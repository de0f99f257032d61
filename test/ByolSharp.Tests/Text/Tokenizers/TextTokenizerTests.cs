using System.Text;
using ByolSharp.Text.Tokenizers;
using CsCheck;

namespace ByolSharp.Tests.Text.Tokenizers;

public sealed class TextTokenizerTests : IDisposable
{
    private static readonly Lazy<TextTokenizer> Learned = new(() => TextTokenizer.Train(
        Enumerable.Range(0, 200).Select(i => $"the quick brown fox {i} jumps over the lazy dog's tail; größer, 東京 and so on"), 400));

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_character_of_Unicode_comes_back()
    {
        foreach (int[] part in Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Chunk(4096))
        {
            string text = string.Concat(part.Select(value => new Rune(value).ToString()));

            Assert.Equal(text, Learned.Value.Decode(Learned.Value.Encode(text)));
        }
    }

    [Fact]
    public void Any_mixture_of_characters_comes_back()
    {
        var characters = Gen.OneOf(Gen.Int[0, 0x7F], Gen.Int[0x20, 0x7E], Gen.Int[0x80, 0x7FF], Gen.Int[0x800, 0xD7FF], Gen.Int[0xE000, 0x10FFFF]);

        characters.Array[0, 60].Select(values => string.Concat(values.Select(value => new Rune(value).ToString())))
            .Sample(text => Assert.Equal(text, Learned.Value.Decode(Learned.Value.Encode(text))), iter: 2000, seed: "0000KO1l2c30");
    }

    [Fact]
    public void What_was_learned_is_shorter_than_bytes_and_the_same_each_time()
    {
        const string text = "the quick brown fox";
        var again = TextTokenizer.Train(Enumerable.Range(0, 200).Select(i => $"the quick brown fox {i} jumps over the lazy dog's tail; größer, 東京 and so on"), 400);

        Assert.Equal(Learned.Value.Source, again.Source);
        Assert.Equal(4, Learned.Value.Encode(text).Count);
        Assert.InRange(Learned.Value.VocabularySize, 300, 400);
        Assert.All(Learned.Value.Encode(text), id => Assert.InRange(id, BytePairTrainer.SpecialTokens.Length, Learned.Value.VocabularySize - 1));
        Assert.Equal([2, 3, 4], new[] { Learned.Value.ClassToken, Learned.Value.SeparatorToken, Learned.Value.MaskToken });
    }

    [Fact]
    public void The_most_frequent_pair_is_joined_first()
    {
        var tokenizer = TextTokenizer.Train(["abab abab ab", "cd"], 300);

        // of bytes: "a" "b" joined 5 times is the first token behind the bytes, then " " and the rest
        Assert.Equal(BytePairTrainer.SpecialTokens.Length + 256, tokenizer.Encode("ab").Single());
        Assert.Equal(2, tokenizer.Encode("cd").Count); // seen once: not worth a token
    }

    [Fact]
    public void A_saved_tokenizer_gives_the_same_tokens()
    {
        const string text = "Quick foxes, größer than 東京 😀.";
        Learned.Value.Source.Save(_folder.Path);

        Assert.Equal(Learned.Value.Encode(text), TextTokenizer.Open(_folder.Path).Encode(text));
        Assert.Equal(Learned.Value.Encode(text), TextTokenizer.Open(_folder.Of("tokenizer.json")).Encode(text));
    }

    [Fact]
    public void Vocabulary_and_merges_in_two_files_make_one_tokenizer()
    {
        using var json = System.Text.Json.JsonDocument.Parse(Learned.Value.Source.Data);
        var model = json.RootElement.GetProperty("model");
        _folder.Write("vocab.json", model.GetProperty("vocab").GetRawText());
        _folder.Write("merges.txt", "#version: 0.2\n" + string.Join('\n', model.GetProperty("merges").EnumerateArray().Select(merge => merge.GetString())));

        Assert.Equal(Learned.Value.Encode("the lazy dog"), TextTokenizer.Open(_folder.Path).Encode("the lazy dog"));
    }

    /// <summary>Numbers are the line numbers of the pieces in the vocabulary; the pieces are BERT's greedy longest ones.</summary>
    [Theory]
    [InlineData("Hello, world!", new[] { 7592, 1010, 2088, 999 })]
    [InlineData("the  quick\tbrown FOX", new[] { 1996, 4248, 2829, 4419 })]
    [InlineData("unaffable", new[] { 14477, 20961, 3468 })]
    [InlineData("Résumé", new[] { 13746 })]
    [InlineData("東京", new[] { 1879, 1755 })]
    [InlineData("$5+x", new[] { 1002, 1019, 1009, 1060 })]
    public void BERT_s_own_vocabulary_gives_its_numbers(string text, int[] expected)
    {
        var tokenizer = TextTokenizer.Open(TestData.Find("reference", "torchtext", "bert_base_uncased_vocab.txt"));

        Assert.Equal(expected, tokenizer.Encode(text));
        Assert.Equal(30_522, tokenizer.VocabularySize);
        Assert.Equal([101, 102, 103], new[] { tokenizer.ClassToken, tokenizer.SeparatorToken, tokenizer.MaskToken });
    }

    [Fact]
    public void A_WordPiece_model_in_JSON_is_read_too()
    {
        string[] vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "hel", "##lo", "wor", "##ld", "!"];
        string entries = string.Join(',', vocabulary.Select((token, id) => $"\"{token}\":{id}"));
        string path = _folder.Write(
            "tokenizer.json", "{\"normalizer\":{\"type\":\"BertNormalizer\",\"lowercase\":true},\"model\":{\"type\":\"WordPiece\",\"vocab\":{" + entries + "}}}");

        var tokenizer = TextTokenizer.Open(path);

        Assert.Equal([5, 6, 7, 8, 9], tokenizer.Encode("Hello World!"));
        Assert.Equal(10, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("tokenizer.json", "{}")]
    [InlineData("tokenizer.json", "no json")]
    [InlineData("tokenizer.json", """{"model":{"type":"Unigram","vocab":{}}}""")]
    [InlineData("vocab.txt", "only\nwords\n")]
    [InlineData("tokenizer.yaml", "x")]
    public void What_is_no_tokenizer_is_a_clear_error(string name, string content)
    {
        string path = _folder.Write(name, content);

        Assert.Contains(path, Assert.Throws<ConfigurationException>(() => TextTokenizer.Open(path)).Message, StringComparison.Ordinal);
    }
}
