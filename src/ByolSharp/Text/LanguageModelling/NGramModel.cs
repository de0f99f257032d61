namespace ByolSharp.Text.LanguageModelling;

/// <summary>
/// Interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman 1999) with one discount an order: what is taken off the counts behind a context goes
/// to the shorter context, whose tokens count by how many different ones they followed, and in the end to all tokens alike.
/// </summary>
internal sealed class NGramModel : TokenModel
{
    private const int Longest = 3;
    private readonly NGramTable[] _orders = new NGramTable[Longest]; // of one token, two tokens, …
    private readonly Dictionary<ulong, int>[] _best = [.. Enumerable.Range(0, Longest).Select(_ => new Dictionary<ulong, int>())];
    private readonly int _vocabulary;

    /// <summary>Counts runs of three tokens; passages begin with the class token twice.</summary>
    internal NGramModel(IEnumerable<Passage> passages, int vocabulary)
    {
        _vocabulary = vocabulary;
        _orders[^1] = NGramTable.Count(passages, Longest);
        for (int length = Longest; length > 1; length--)
        {
            _orders[length - 2] = _orders[length - 1].Continuations(length);
        }
    }

    internal override int ContextLength => Longest - 1;

    internal override double Probability(ReadOnlySpan<int> context, int token)
    {
        double shorter = context.IsEmpty ? 1.0 / _vocabulary : Probability(context[1..], token);
        var table = _orders[context.Length];
        var range = table.RangeOf(context);
        if (range.End == range.Start)
        {
            return shorter;
        }
        double freed = table.Discount * (range.End - range.Start);
        return (Math.Max(0, table.CountOf(range, context, token) - table.Discount) + freed * shorter) / table.Total(range);
    }

    /// <inheritdoc />
    /// <remarks>What never followed a context has the shorter one's probability times a constant: the best is among what did, or the best of the shorter one.</remarks>
    internal override int Best(ReadOnlySpan<int> context)
    {
        var known = _best[context.Length];
        ulong key = NGramTable.KeyOf(context);
        if (known.TryGetValue(key, out int best))
        {
            return best;
        }
        best = context.IsEmpty ? 0 : Best(context[1..]);
        double highest = Probability(context, best);
        var table = _orders[context.Length];
        var (start, end) = table.RangeOf(context);
        for (int place = start; place < end; place++)
        {
            int token = table.LastOf(place);
            double p = Probability(context, token);
            if (p > highest || (p == highest && token < best))
            {
                (best, highest) = (token, p);
            }
        }
        return known[key] = best;
    }
}
