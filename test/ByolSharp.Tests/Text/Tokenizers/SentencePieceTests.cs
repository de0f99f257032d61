using ByolSharp.Export.Onnx;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Tests.Text.Tokenizers;

/// <summary>SentencePiece models, written here field by field as sentencepiece_model.proto describes them.</summary>
public sealed class SentencePieceTests : IDisposable
{
    private const int Unigram = 1, BytePairs = 2;
    private const int Normal = 1, Unknown = 2, Control = 3;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_unigram_model_cuts_where_the_sum_of_scores_is_highest()
    {
        var tokenizer = TextTokenizer.Open(Write(Unigram, ("▁he", -1), ("llo", -2), ("▁hello", -5), ("▁world", -1), ("s", -3), ("▁", -4)));

        Assert.Equal([3, 4, 6, 7], tokenizer.Encode("hello worlds")); // ▁he llo: -3 is above -5 of ▁hello
        Assert.Equal("hello worlds", tokenizer.Decode([3, 4, 6, 7]).TrimStart());
        Assert.Equal([1, 2], new[] { tokenizer.ClassToken, tokenizer.SeparatorToken });
        Assert.Equal(9, tokenizer.MaskToken); // behind the last piece, as the model has none
        Assert.Equal(10, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_model_of_pairs_joins_the_best_pair_first()
    {
        var tokenizer = TextTokenizer.Open(Write(BytePairs, ("ab", 0), ("bc", -1), ("▁a", -2), ("▁", -3), ("a", -4), ("b", -5), ("c", -6)));

        Assert.Equal([6, 3, 9], tokenizer.Encode("abc")); // ▁ ab c: ab comes before bc and ▁a
        Assert.Equal("abc", tokenizer.Decode(tokenizer.Encode("abc")).TrimStart());
    }

    [Fact]
    public void A_saved_model_is_the_same_file()
    {
        string path = Write(Unigram, ("▁a", -1), ("b", -2));
        var tokenizer = TextTokenizer.Open(path);
        tokenizer.Source.Save(_folder.Path);

        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(_folder.Of("tokenizer.model")));
        Assert.Contains("broken.model", Assert.Throws<ConfigurationException>(
            () => TextTokenizer.Open(_folder.Write("broken.model", File.ReadAllBytes(path)[..11]))).Message, StringComparison.Ordinal);
    }

    private string Write(int kind, params (string Piece, float Score)[] pieces)
    {
        var model = new OnnxMessage();
        foreach (var (piece, score, type) in (IEnumerable<(string, float, int)>)
            [("<unk>", 0, Unknown), ("<s>", 0, Control), ("</s>", 0, Control), .. pieces.Select(p => (p.Piece, p.Score, Normal))])
        {
            model.Add(1, new OnnxMessage().Add(1, piece).Add(2, score).Add(3, type));
        }
        model.Add(2, new OnnxMessage().Add(3, kind).Add(40, 0).Add(41, 1).Add(42, 2).Add(43, -1)); // trainer: kind; places of <unk>, <s>, </s> and no padding
        model.Add(3, new OnnxMessage().Add(1, "identity").Add(3, 1).Add(4, 1).Add(5, 1)); // normaliser: a space before, no double ones, spaces as ▁
        string path = _folder.Of("small.model");
        using var file = File.Create(path);
        model.WriteTo(file);
        return path;
    }
}
