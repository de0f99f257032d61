namespace ByolSharp.Text.LanguageModelling;

/// <summary>How often tokens occur, whatever stands beside them; every count one higher (Laplace's rule), so that no token is impossible.</summary>
internal sealed class UnigramModel : TokenModel
{
    private readonly long[] _counts;
    private readonly long _total;
    private readonly int _best;

    /// <summary>Counts the tokens of passages, without those at the ends.</summary>
    internal UnigramModel(IEnumerable<Passage> passages, int vocabulary)
    {
        _counts = new long[vocabulary];
        foreach (var passage in passages)
        {
            foreach (int token in passage.Tokens.AsSpan(1..^1))
            {
                _counts[token]++;
            }
        }
        _total = _counts.Sum();
        _best = Array.IndexOf(_counts, _counts.Max());
    }

    internal override int ContextLength => 0;

    /// <summary>Of the probabilities of all tokens.</summary>
    internal float[] Logarithms() => [.. Enumerable.Range(0, _counts.Length).Select(token => (float)Math.Log(Probability([], token)))];

    internal override double Probability(ReadOnlySpan<int> context, int token) => (_counts[token] + 1.0) / (_total + _counts.Length);

    internal override int Best(ReadOnlySpan<int> context) => _best;
}
