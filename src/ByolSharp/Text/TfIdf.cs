using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ByolSharp.Text.Tokenizers;

namespace ByolSharp.Text;

/// <summary>Settings of <see cref="TfIdf"/>.</summary>
public sealed record TfIdfOptions
{
    /// <summary>Most terms, those that stand in most texts, 1 to 1,000,000: a text becomes so many numbers. Default 10,000.</summary>
    public int Terms { get; init; } = 10_000;

    /// <summary>Whether two words side by side are a term too. Default false.</summary>
    public bool Pairs { get; init; }

    /// <summary>Throws where a value is outside its range.</summary>
    /// <exception cref="ConfigurationException">A value does not work.</exception>
    public void Validate() => OptionCheck.Range("the terms of TF-IDF", Terms, 1, 1_000_000);
}

/// <summary>
/// The baseline of texts: which words a text holds, and rare ones say more (Sparck Jones 1972). A term that a text holds t times, and d of n texts at all,
/// weighs (1 + ln t) (1 + ln((1 + n) / (1 + d))); the weights of a text are scaled to length 1.
/// </summary>
/// <remarks>A word is a run of two or more letters, digits and underscores, in small letters: scikit-learn's defaults, with sublinear frequencies.</remarks>
public sealed partial class TfIdf
{
    private readonly Dictionary<string, int> _places;
    private readonly double[] _rarity;
    private readonly bool _pairs;

    private TfIdf(IReadOnlyList<(string Term, int Texts)> terms, int texts, bool pairs)
    {
        Terms = [.. terms.Select(term => term.Term)];
        _places = Terms.Index().ToDictionary(term => term.Item, term => term.Index, StringComparer.Ordinal);
        _rarity = [.. terms.Select(term => 1 + Math.Log((1.0 + texts) / (1 + term.Texts)))];
        _pairs = pairs;
    }

    /// <summary>The terms by place, in ordinal order.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>Learns terms and their rarity.</summary>
    /// <param name="data">The texts, of which up to 200,000 at equal distances are read; not disposed.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <exception cref="ConfigurationException">An option is out of its range.</exception>
    /// <exception cref="UnusableDataException">The texts hold no word.</exception>
    public static TfIdf Learn(TextDataset data, TfIdfOptions? options = null)
    {
        options ??= new();
        options.Validate();
        var counts = new TermCounts();
        int texts = 0;
        foreach (string text in TokenizerTexts.Of(data))
        {
            texts++;
            counts.Add(TermsOf(text, options.Pairs).Distinct(StringComparer.Ordinal));
        }
        var terms = counts.MostFrequent(options.Terms);
        return terms.Count > 0 ? new(terms, texts, options.Pairs) : throw new UnusableDataException("the texts hold no word of two or more letters");
    }

    /// <summary>Weighs the terms of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="weights">A number for each of <see cref="Terms"/>, at least 0, of length 1; all 0 where the text holds none of them.</param>
    public void Weigh(string text, Span<float> weights)
    {
        weights.Clear();
        foreach (string term in TermsOf(text, _pairs))
        {
            if (_places.TryGetValue(term, out int place))
            {
                weights[place]++;
            }
        }
        double squares = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                weights[i] = (float)((1 + Math.Log(weights[i])) * _rarity[i]);
                squares += (double)weights[i] * weights[i];
            }
        }
        float scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
        System.Numerics.Tensors.TensorPrimitives.Multiply(weights, scale, weights);
    }

    private static IEnumerable<string> TermsOf(string text, bool pairs)
    {
        string? before = null;
        foreach (Match word in Words().Matches(text.ToLowerInvariant()))
        {
            yield return word.Value;
            if (pairs && before is not null)
            {
                yield return $"{before} {word.Value}";
            }
            before = word.Value;
        }
    }

    [GeneratedRegex(@"\w\w+")]
    private static partial Regex Words();

    /// <summary>In how many texts terms stand. Where they become too many the rarest are forgotten, so that memory is bounded whatever the texts.</summary>
    private sealed class TermCounts
    {
        private const int Most = 4_000_000;
        private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);
        private int _forgotten;

        internal void Add(IEnumerable<string> terms)
        {
            foreach (string term in terms)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(_counts, term, out _)++;
            }
            while (_counts.Count > Most)
            {
                _forgotten++;
                foreach (string term in _counts.Where(term => term.Value <= _forgotten).Select(term => term.Key).ToList())
                {
                    _counts.Remove(term);
                }
            }
        }

        /// <summary>The terms that stand in most texts, of equals the first of the alphabet, in ordinal order.</summary>
        internal List<(string Term, int Texts)> MostFrequent(int most) =>
        [
            .. _counts.OrderByDescending(term => term.Value).ThenBy(term => term.Key, StringComparer.Ordinal).Take(most)
                .OrderBy(term => term.Key, StringComparer.Ordinal).Select(term => (term.Key, term.Value)),
        ];
    }
}
