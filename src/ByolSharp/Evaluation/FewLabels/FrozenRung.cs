namespace ByolSharp.Evaluation.FewLabels;

/// <summary>
/// The encoder stays as it is: logistic regression with an L2 penalty on its representations (paper, D.2), the penalty chosen on a held-out
/// part of the labels that may be used. Where these are one a class nothing can be held out, and the penalty is 1.
/// </summary>
/// <param name="key">As in <see cref="LadderRung"/>.</param>
/// <param name="name">As in <see cref="LadderRung"/>.</param>
/// <param name="role">As in <see cref="LadderRung"/>.</param>
/// <param name="open">Makes the encoder for a seed.</param>
/// <param name="identity">As in <see cref="LadderRung"/>; representations are computed anew where it changes.</param>
public sealed class FrozenRung(string key, string name, RungRole role, Func<long, LabelledNetwork> open, Func<long, string> identity)
    : LadderRung(key, name, role, open, identity)
{
    /// <summary>Choose as well as the paper's 45 for a quarter of the time.</summary>
    private const int LambdaCount = 12;

    private const double SinglePenalty = 1;
    private Representations? _last;

    /// <inheritdoc />
    public override int Steps => 50;

    /// <inheritdoc />
    public override string IdentityOf(long seed) => $"{base.IdentityOf(seed)} logistic regression {LambdaCount}";

    /// <inheritdoc />
    public override IReadOnlyList<int> Ranks(IReadOnlyList<int> samples, long seed, Action<int> report, CancellationToken cancellation)
    {
        var (_, train, rows, test) = For(seed, cancellation);
        report(Steps / 2);
        var labelled = train.Select([.. samples.Where(rows.ContainsKey).Select(i => rows[i])]);
        if (labelled.Labels.CountBy(label => label).All(c => c.Value == 1))
        {
            test = Guard.Aligned(labelled, Guard.Labelled(test, "test"));
            return LogisticRegression.Fit(labelled, SinglePenalty, cancellation: cancellation).Ranks(test);
        }
        return LogisticRegression.Evaluate(labelled, test, options: new() { LambdaCount = LambdaCount, Seed = seed }, cancellation: cancellation).Ranks;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing) => _last = null;

    private Representations For(long seed, CancellationToken cancellation)
    {
        string identity = IdentityOf(seed);
        if (_last?.Identity != identity)
        {
            _last = null; // before the next are computed: both at once may not fit
            using var network = Open(seed);
            var train = FeatureExtractor.Extract(network.Encoder, network.Train, cancellation: cancellation).Features;
            var test = FeatureExtractor.Extract(network.Encoder, network.Test, cancellation: cancellation).Features;
            var readable = train.Names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
            var rows = Enumerable.Range(0, network.Train.Count).Where(i => readable.ContainsKey(network.Train.NameOf(i)))
                .ToDictionary(i => i, i => readable[network.Train.NameOf(i)]);
            _last = new(identity, train, rows, test);
        }
        return _last;
    }

    /// <summary>Representations of all samples that can be read; <paramref name="Rows"/> says which row a training sample has.</summary>
    private sealed record Representations(string Identity, FeatureSet Train, IReadOnlyDictionary<int, int> Rows, FeatureSet Test);
}
