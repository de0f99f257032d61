namespace ByolSharp.Text.Tokenizers;

/// <summary>The texts that a vocabulary of tokens or words is learned from: all of a small data set, and of a large one so many that time and memory stay bounded.</summary>
internal static class TokenizerTexts
{
    private const int Most = 200_000, LongestText = 16_384;

    /// <summary>Readable texts at equal distances, cut where they are very long.</summary>
    internal static IEnumerable<string> Of(TextDataset data)
    {
        long count = Math.Min(data.Count, Most);
        for (long i = 0; i < count; i++)
        {
            if (TryRead(data, (int)(i * data.Count / count)) is not { } sample)
            {
                continue;
            }
            yield return Cut(sample.Text);
            if (sample.Pair is not null)
            {
                yield return Cut(sample.Pair);
            }
        }
    }

    private static TextSample? TryRead(TextDataset data, int index)
    {
        try
        {
            return data.Read(index);
        }
        catch (UnreadableSampleException)
        {
            return null; // the quarantine has it when it is drawn
        }
    }

    private static string Cut(string text) => text.Length <= LongestText ? text : text[..LongestText];
}
