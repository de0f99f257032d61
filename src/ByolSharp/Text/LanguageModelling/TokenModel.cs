namespace ByolSharp.Text.LanguageModelling;

/// <summary>A language model that only counted: what a network has to beat.</summary>
internal abstract class TokenModel
{
    /// <summary>Tokens before one that are looked at.</summary>
    internal abstract int ContextLength { get; }

    /// <summary>Probability of a token behind others; above 0, and 1 in sum over the vocabulary.</summary>
    /// <param name="context">The <see cref="ContextLength"/> tokens before it.</param>
    /// <param name="token">The token.</param>
    internal abstract double Probability(ReadOnlySpan<int> context, int token);

    /// <summary>The most probable token; of several the one with the lowest number.</summary>
    internal abstract int Best(ReadOnlySpan<int> context);

    /// <summary>Names the tokens that are asked for, each from the true ones before it, whether they are hidden from a network or not.</summary>
    internal TextScore[] Score(IEnumerable<TokenTask> tasks, int textCount)
    {
        var scores = new TextScore[textCount];
        Span<int> context = stackalloc int[ContextLength];
        foreach (var (passage, asked) in tasks.Select(task => (task.Passage, task.Asked)))
        {
            foreach (int place in asked)
            {
                Fill(context, passage.Tokens, place);
                int token = passage.Tokens[place];
                scores[passage.Text] += new TextScore(1, Best(context) == token ? 1 : 0, -Math.Log(Probability(context, token)));
            }
        }
        return scores;
    }

    /// <summary>The tokens before a place; before the beginning its token again.</summary>
    internal static void Fill(Span<int> context, int[] tokens, int place)
    {
        for (int i = 0; i < context.Length; i++)
        {
            context[i] = tokens[Math.Max(0, place - context.Length + i)];
        }
    }
}
