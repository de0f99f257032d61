using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>Tokens of a text that fit into a view, with the class token before and the separator behind them.</summary>
/// <param name="Text">Which text of its set.</param>
/// <param name="Tokens">At least three.</param>
internal sealed record Passage(int Text, int[] Tokens);

/// <summary>How long a text is in what no tokenizer decides.</summary>
/// <param name="Characters">Unicode characters of what its tokens spell.</param>
/// <param name="Words">Words between white space.</param>
internal readonly record struct TextLength(int Characters, int Words);

/// <summary>Texts as passages, one behind the other, so that all of a long text counts and not its beginning alone.</summary>
internal sealed class PassageSet
{
    private const int LongestText = 8192; // of a book the beginning is enough

    private PassageSet(List<Passage> passages, List<TextLength> texts, List<(string, string)> skipped) =>
        (Passages, Texts, Skipped) = (passages, texts, skipped);

    internal IReadOnlyList<Passage> Passages { get; }

    /// <summary>The texts that the passages number.</summary>
    internal IReadOnlyList<TextLength> Texts { get; }

    /// <summary>Name and reason of texts that could not be read.</summary>
    internal IReadOnlyList<(string Name, string Reason)> Skipped { get; }

    /// <summary>Tokens of all passages, without those at their ends.</summary>
    internal long TokenCount => Passages.Sum(passage => passage.Tokens.Length - 2L);

    /// <summary>Reads and cuts texts.</summary>
    /// <param name="data">The texts.</param>
    /// <param name="tokenizer">Cuts them into tokens.</param>
    /// <param name="maxTokens">Tokens of a passage, with those at its ends.</param>
    /// <param name="most">Texts read, at equal distances where there are more.</param>
    /// <param name="what">What they are for, for the message.</param>
    /// <param name="report">Told the number of texts done and of all.</param>
    /// <param name="cancellation">Ends the work between two texts.</param>
    /// <exception cref="UnusableDataException">No text has a token.</exception>
    internal static PassageSet Read(
        TextDataset data, TextTokenizer tokenizer, int maxTokens, int most, string what, Action<int, int> report, CancellationToken cancellation)
    {
        var passages = new List<Passage>();
        var texts = new List<TextLength>();
        var skipped = new List<(string, string)>();
        int count = Math.Min(data.Count, most);
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int index = (int)((long)i * data.Count / count);
            try
            {
                Add(data.Read(index).Text);
            }
            catch (UnreadableSampleException unreadable)
            {
                skipped.Add((data.NameOf(index), unreadable.Message));
            }
            report(i + 1, count);
        }
        return passages.Count > 0 ? new(passages, texts, skipped) : throw new UnusableDataException(
            $"none of the {count:N0} {what} texts has a token to learn or to tell{(skipped.Count > 0 ? $"; the first, {skipped[0].Item1}: {skipped[0].Item2}" : "")}.");

        void Add(string text)
        {
            text = text.Length <= LongestText ? text : text[..LongestText];
            int[] tokens = [.. tokenizer.Encode(text)];
            if (tokens.Length == 0)
            {
                return;
            }
            foreach (int[] part in tokens.Chunk(maxTokens - 2))
            {
                passages.Add(new(texts.Count, [tokenizer.ClassToken, .. part, tokenizer.SeparatorToken]));
            }
            int words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
            texts.Add(new(tokenizer.Decode(tokens).EnumerateRunes().Count(), Math.Max(1, words)));
        }
    }
}
