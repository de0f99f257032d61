using System.Runtime.InteropServices;

namespace ByolSharp.Text.Tokenizers;

/// <summary>How often which two symbols stand side by side in a list of words, kept right while pairs are joined.</summary>
internal sealed class PairCounts
{
    private const int RarestPair = 2;
    private readonly List<(int[] Symbols, int Count)> _words = [];
    private readonly Dictionary<(int, int), long> _counts = [];
    private readonly Dictionary<(int, int), HashSet<int>> _places = [];
    private readonly PriorityQueue<(int, int), (long, int, int)> _queue = new();

    internal PairCounts(IEnumerable<(int[] Symbols, int Count)> words)
    {
        foreach (var word in words)
        {
            _words.Add(word);
            Count(_words.Count - 1, 1);
        }
        foreach (var pair in _counts.Keys)
        {
            Enqueue(pair);
        }
    }

    /// <summary>Learns tokens: joins the pair that occurs most often, again and again, until there are enough tokens or none occurs twice.</summary>
    /// <param name="tokens">The tokens so far by number, to which the learned ones are added.</param>
    /// <param name="words">Words as numbers of tokens, and how often each occurs.</param>
    /// <param name="size">Tokens in all, at most.</param>
    /// <param name="spell">The token of two joined ones.</param>
    /// <returns>The pairs in the order of their joining.</returns>
    internal static List<(string Left, string Right)> Grow(
        List<string> tokens, IEnumerable<(int[] Symbols, int Count)> words, int size, Func<string, string, string> spell)
    {
        var pairs = new PairCounts(words);
        var numbers = tokens.Index().ToDictionary(token => token.Item, token => token.Index, StringComparer.Ordinal);
        var merges = new List<(string, string)>();
        while (tokens.Count < size && pairs.MostFrequent(RarestPair) is var (left, right))
        {
            string joined = spell(tokens[left], tokens[right]);
            if (numbers.TryAdd(joined, tokens.Count)) // two ways of joining may lead to one token
            {
                tokens.Add(joined);
            }
            merges.Add((tokens[left], tokens[right]));
            pairs.Join(left, right, numbers[joined]);
        }
        return merges;
    }

    /// <summary>The pair that occurs most often, or null where none does so often as this.</summary>
    internal (int Left, int Right)? MostFrequent(int atLeast)
    {
        while (_queue.TryDequeue(out var pair, out var priority))
        {
            long count = _counts.GetValueOrDefault(pair);
            if (count != -priority.Item1)
            {
                continue; // it has been queued again with its present count
            }
            return count >= atLeast ? pair : null;
        }
        return null;
    }

    /// <summary>Puts one symbol in the place of every such pair.</summary>
    internal void Join(int left, int right, int joined)
    {
        var touched = new HashSet<(int, int)>();
        foreach (int word in _places[(left, right)].ToArray())
        {
            Count(word, -1, touched);
            _words[word] = (Joined(_words[word].Symbols, left, right, joined), _words[word].Count);
            Count(word, 1, touched);
        }
        foreach (var pair in touched)
        {
            Enqueue(pair);
        }
    }

    private static int[] Joined(int[] symbols, int left, int right, int joined)
    {
        var result = new List<int>(symbols.Length);
        for (int i = 0; i < symbols.Length; i++)
        {
            bool isPair = i + 1 < symbols.Length && symbols[i] == left && symbols[i + 1] == right;
            result.Add(isPair ? joined : symbols[i]);
            i += isPair ? 1 : 0;
        }
        return [.. result];
    }

    private void Count(int word, int sign, HashSet<(int, int)>? touched = null)
    {
        var (symbols, count) = _words[word];
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            var pair = (symbols[i], symbols[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(_counts, pair, out _) += (long)sign * count;
            var places = CollectionsMarshal.GetValueRefOrAddDefault(_places, pair, out _) ??= [];
            _ = sign > 0 ? places.Add(word) : places.Remove(word);
            touched?.Add(pair);
        }
    }

    private void Enqueue((int Left, int Right) pair)
    {
        if (_counts[pair] > 0)
        {
            _queue.Enqueue(pair, (-_counts[pair], pair.Left, pair.Right));
        }
    }
}
