using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace ByolSharp.Text.Tokenizers;

/// <summary>
/// Learns a byte-level vocabulary (Sennrich et al. 2016; Radford et al. 2019): starts from the 256 bytes and joins, again and again, the two neighbours that
/// stand side by side most often within words. Equal counts go by the older pair, so that equal texts give equal vocabularies.
/// </summary>
internal sealed partial class BytePairTrainer
{
    /// <summary>The tokens before all others, in the order of their numbers.</summary>
    internal static readonly string[] SpecialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);

    /// <summary>Words of another kind that were seen.</summary>
    internal int WordCount => _words.Count;

    /// <summary>Takes in a text.</summary>
    internal void Add(string text)
    {
        foreach (var match in Words().EnumerateMatches(text))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_words, ByteAlphabet.Spell(text.AsSpan(match.Index, match.Length)), out _)++;
        }
    }

    /// <summary>Learns from what was taken in.</summary>
    /// <param name="size">Tokens in all, at most; fewer where no pair is left that occurs twice.</param>
    /// <returns>The text of a Hugging Face tokenizer.json.</returns>
    internal string Train(int size)
    {
        var words = _words.OrderBy(word => word.Key, StringComparer.Ordinal).Select(word => (Symbols(word.Key), word.Value));
        List<string> tokens = [.. SpecialTokens, .. ByteAlphabet.Characters.ToArray().Select(c => c.ToString())];
        var merges = PairCounts.Grow(tokens, words, size, string.Concat);
        return TokenizerJson.BytePairs(tokens, merges, SpecialTokens);
    }

    private static int[] Symbols(string word) => [.. word.Select(c => SpecialTokens.Length + ByteAlphabet.Characters.IndexOf(c))];

    /// <summary>What is never joined across: GPT-2's words, each with the space before it.</summary>
    [GeneratedRegex(@"'(?:s|t|re|ve|m|ll|d)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
