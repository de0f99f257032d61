namespace ByolSharp.Text.LanguageModelling;

/// <summary>Runs of tokens and how often they occur, sorted, so that all that follows a context lies side by side.</summary>
internal sealed class NGramTable
{
    private const int TokenBits = 21; // three of them in a number; vocabularies end at 1,000,000
    private readonly ulong[] _runs;
    private readonly long[] _sums; // of the counts before each run

    private NGramTable(ulong[] runs, int[] counts)
    {
        _runs = runs;
        _sums = new long[runs.Length + 1];
        for (int i = 0; i < counts.Length; i++)
        {
            _sums[i + 1] = _sums[i] + counts[i];
        }
        Discount = DiscountOf(counts);
    }

    /// <summary>What is taken off each count: n1 / (n1 + 2 n2), n1 and n2 being the runs seen once and twice (Ney et al. 1994); 0.75 where one of them is 0.</summary>
    internal double Discount { get; }

    /// <summary>Counts all runs of a length.</summary>
    internal static NGramTable Count(IEnumerable<Passage> passages, int length)
    {
        var runs = new List<ulong>();
        Span<int> context = stackalloc int[length - 1];
        foreach (var passage in passages)
        {
            for (int place = 1; place < passage.Tokens.Length - 1; place++)
            {
                TokenModel.Fill(context, passage.Tokens, place);
                runs.Add(Append(KeyOf(context), passage.Tokens[place]));
            }
        }
        return Collect([.. runs]);
    }

    /// <summary>The runs without their first token, counted by how many different ones stood there (Kneser and Ney 1995).</summary>
    internal NGramTable Continuations(int length)
    {
        ulong kept = (1UL << (TokenBits * (length - 1))) - 1;
        return Collect(Array.ConvertAll(_runs, run => run & kept));
    }

    /// <summary>Where the runs with a context lie.</summary>
    internal (int Start, int End) RangeOf(ReadOnlySpan<int> context)
    {
        ulong key = KeyOf(context);
        return (PlaceOf(key << TokenBits), PlaceOf((key + 1) << TokenBits));
    }

    /// <summary>How often the runs of a range occur.</summary>
    internal long Total((int Start, int End) range) => _sums[range.End] - _sums[range.Start];

    /// <summary>How often a token ends a run of a range; 0 where it never does.</summary>
    internal long CountOf((int Start, int End) range, ReadOnlySpan<int> context, int token)
    {
        int place = Array.BinarySearch(_runs, range.Start, range.End - range.Start, Append(KeyOf(context), token));
        return place < 0 ? 0 : _sums[place + 1] - _sums[place];
    }

    /// <summary>The last token of a run.</summary>
    internal int LastOf(int place) => (int)(_runs[place] & ((1UL << TokenBits) - 1));

    /// <summary>Tells contexts of one length apart.</summary>
    internal static ulong KeyOf(ReadOnlySpan<int> tokens)
    {
        ulong key = 0;
        foreach (int token in tokens)
        {
            key = Append(key, token);
        }
        return key;
    }

    private static NGramTable Collect(ulong[] all)
    {
        Array.Sort(all);
        var runs = new List<ulong>();
        var counts = new List<int>();
        foreach (ulong run in all)
        {
            if (runs.Count > 0 && runs[^1] == run)
            {
                counts[^1]++;
                continue;
            }
            runs.Add(run);
            counts.Add(1);
        }
        return new([.. runs], [.. counts]);
    }

    private static double DiscountOf(int[] counts)
    {
        double once = counts.Count(count => count == 1), twice = counts.Count(count => count == 2);
        return once == 0 || twice == 0 ? 0.75 : once / (once + 2 * twice);
    }

    private static ulong Append(ulong key, int token) => (key << TokenBits) | (uint)token;

    /// <summary>The first run that is not before a key.</summary>
    private int PlaceOf(ulong key)
    {
        int place = Array.BinarySearch(_runs, key);
        return place < 0 ? ~place : place;
    }
}
