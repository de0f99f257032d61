namespace ByolSharp.Text.Tokenizers;

/// <summary>The texts that a vocabulary of tokens or words is learned from: all of a small data set, and of a large one so many that time and memory stay bounded.</summary>
internal static class TokenizerTexts
{
    private const int Most = 200_000, LongestText = 16_384;

    /// <summary>Readable texts at equal distances, cut where they are very long.</summary>
    /// <exception cref="UnusableDataException">None can be read.</exception>
    internal static IEnumerable<string> Of(TextDataset data)
    {
        long count = Math.Min(data.Count, Most), unreadable = 0;
        string firstReason = "";
        for (long i = 0; i < count; i++)
        {
            int index = (int)(i * data.Count / count);
            if (TryRead(data, index, out string reason) is not { } sample)
            {
                firstReason = unreadable++ == 0 ? $"{data.NameOf(index)}: {reason}" : firstReason;
                continue;
            }
            yield return Cut(sample.Text);
            if (sample.Pair is not null)
            {
                yield return Cut(sample.Pair);
            }
        }
        if (unreadable == count)
        {
            throw new UnusableDataException(FormattableString.Invariant($"none of {count:N0} texts can be read; the first, {firstReason}"));
        }
    }

    private static TextSample? TryRead(TextDataset data, int index, out string reason)
    {
        try
        {
            reason = "";
            return data.Read(index);
        }
        catch (UnreadableSampleException e)
        {
            reason = e.Message; // the quarantine has it when it is drawn
            return null;
        }
    }

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
