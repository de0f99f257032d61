namespace ByolSharp.Text.LanguageModelling;

/// <summary>A passage as a network gets to see it, and the tokens that it is to name.</summary>
/// <param name="Passage">The passage.</param>
/// <param name="Seen">Tokens that the network sees.</param>
/// <param name="Asked">Places in the passage of the tokens to name.</param>
/// <param name="Lead">How far before such a place its token is named: 0 where it is hidden, 1 where the next token is asked for.</param>
internal sealed record TokenTask(Passage Passage, int[] Seen, int[] Asked, int Lead = 0)
{
    /// <summary>Every token from those before it; what comes behind the last one is not asked, as it may be the end of a passage and not of the text.</summary>
    internal static TokenTask Next(Passage passage) =>
        new(passage, passage.Tokens[..^1], [.. Enumerable.Range(1, passage.Tokens.Length - 2)], Lead: 1);

    /// <summary>The passage as many times as it has tokens, another one hidden in each (Salazar et al. 2020).</summary>
    internal static IEnumerable<TokenTask> OneByOne(Passage passage, int maskToken)
    {
        for (int place = 1; place < passage.Tokens.Length - 1; place++)
        {
            int[] seen = [.. passage.Tokens];
            seen[place] = maskToken;
            yield return new(passage, seen, [place]);
        }
    }
}
