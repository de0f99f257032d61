using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text.LanguageModelling;

/// <summary>
/// Hides tokens as BERT does (Devlin et al. 2019, appendix A.1): of those asked for, 80% are hidden, 10% are replaced by any token of the vocabulary, and 10%
/// stay, so that a network has to tell every token and cannot know which ones count. The tokens at the ends are never asked for.
/// </summary>
/// <param name="share">Of a passage's tokens, above 0; at least one is asked for.</param>
/// <param name="tokenizer">Its vocabulary.</param>
internal sealed class TokenMasking(double share, TextTokenizer tokenizer)
{
    private const double Hidden = 0.8, Replaced = 0.1;

    /// <summary>Draws what is hidden of a passage.</summary>
    internal TokenTask Apply(Passage passage, SampleRandom random)
    {
        int[] places = [.. Enumerable.Range(1, passage.Tokens.Length - 2)];
        random.Shuffle<int>(places);
        int[] asked = [.. places.Take(Math.Max(1, (int)Math.Round(share * places.Length))).Order()];
        int[] seen = [.. passage.Tokens];
        foreach (int place in asked)
        {
            double draw = random.NextDouble();
            seen[place] = draw < Hidden ? tokenizer.MaskToken : draw < Hidden + Replaced ? AnyToken(ref random) : seen[place];
        }
        return new(passage, seen, asked);
    }

    private int AnyToken(ref SampleRandom random)
    {
        while (true)
        {
            int token = random.NextInt(tokenizer.VocabularySize);
            if (token != tokenizer.ClassToken && token != tokenizer.SeparatorToken && token != tokenizer.MaskToken)
            {
                return token;
            }
        }
    }
}
