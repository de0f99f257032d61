using System.Runtime.InteropServices;
using System.Text;

namespace ByolSharp.Text.Tokenizers;

/// <summary>
/// Learns a WordPiece vocabulary the way Hugging Face's trainer does: the most frequent pair of neighbours within words is joined again and again, as for byte-level
/// pairs, over characters of which all but the first of a word carry ##. Google's own, unpublished trainer chose pairs by likelihood. Every character is a token in both
/// forms, also where the texts hold only one of them, so that no word of known characters is unknown.
/// </summary>
/// <param name="isCased">Whether capitals and accents count.</param>
internal sealed class WordPieceTrainer(bool isCased)
{
    /// <summary>What stands before a piece that continues a word.</summary>
    internal const string Continued = "##";

    private const int LargestAlphabet = 1000;
    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);

    /// <summary>Takes in a text.</summary>
    internal void Add(string text)
    {
        foreach (string word in BertWords.Of(text, isCased))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_words, word, out _)++;
        }
    }

    /// <summary>Learns from what was taken in.</summary>
    /// <param name="size">Tokens in all, at most; fewer where no pair is left that occurs twice.</param>
    /// <returns>The text of a Hugging Face tokenizer.json.</returns>
    internal string Train(int size)
    {
        var alphabet = Alphabet(Math.Min(LargestAlphabet, (size - BytePairTrainer.SpecialTokens.Length) / 3));
        var words = _words.OrderBy(word => word.Key, StringComparer.Ordinal)
            .Select(word => (Pieces: Characters(word.Key), word.Value))
            .Where(word => word.Pieces.All(piece => alphabet.Contains(Plain(piece)))) // others have no pieces anyway
            .ToList();
        var characters = alphabet.Concat(alphabet.Where(character => !BertWords.IsAlone(Rune.GetRuneAt(character, 0))).Select(character => Continued + character));
        List<string> tokens = [.. BytePairTrainer.SpecialTokens, .. characters.Order(StringComparer.Ordinal)];
        var numbers = tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        PairCounts.Grow(tokens, words.Select(word => (Array.ConvertAll(word.Pieces, piece => numbers[piece]), word.Value)), size, (left, right) => left + Plain(right));
        return TokenizerJson.WordPiece(tokens, BytePairTrainer.SpecialTokens, isCased);
    }

    /// <summary>The most frequent characters: a rare one is not worth the two tokens that it takes.</summary>
    private HashSet<string> Alphabet(int most)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in _words)
        {
            foreach (var rune in word.EnumerateRunes())
            {
                CollectionsMarshal.GetValueRefOrAddDefault(counts, rune.ToString(), out _) += count;
            }
        }
        return [.. counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal).Take(most).Select(entry => entry.Key)];
    }

    private static string[] Characters(string word) => [.. word.EnumerateRunes().Index().Select(rune => rune.Index == 0 ? rune.Item.ToString() : $"{Continued}{rune.Item}")];

    /// <summary>A piece without its mark; the mark alone is the word ##.</summary>
    private static string Plain(string piece) => piece.Length > Continued.Length && piece.StartsWith(Continued, StringComparison.Ordinal) ? piece[Continued.Length..] : piece;
}
