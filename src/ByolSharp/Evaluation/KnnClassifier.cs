using ByolSharp.Distributed;

namespace ByolSharp.Evaluation;

/// <summary>Settings of <see cref="KnnClassifier"/>; the defaults are those of nearly all published numbers.</summary>
public sealed record KnnOptions
{
    /// <summary>Neighbours that vote, at least 1; capped at the number of training samples. Default 200 (Wu et al. 2018).</summary>
    public int K { get; init; } = 200;

    /// <summary>Temperature t of the votes exp(similarity / t), above 0. Default 0.1, as lightly and solo-learn report it.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>
    /// Similarities held in memory at once, at least 1: bounds the memory at 4 bytes each, whatever the sizes of the sets.
    /// Default 8 million (32 MB).
    /// </summary>
    public int ChunkSize { get; init; } = 8_000_000;
}

/// <summary>How well the neighbours' votes name the test samples' classes.</summary>
public sealed record KnnResult : ClassificationResult
{
    internal KnnResult(IReadOnlyList<int> ranks, IReadOnlyList<int> labels, int nTrain) : base(ranks, labels, nTrain) { }

    /// <summary>Neighbours that voted.</summary>
    public required int K { get; init; }

    /// <summary>Temperature of the votes.</summary>
    public required double Temperature { get; init; }
}

/// <summary>
/// The weighted k-nearest-neighbour classifier of self-supervised learning (Wu et al. 2018, section 3.4): the k training samples of highest
/// cosine similarity s vote for their classes with weight exp(s / t). Nothing is trained, so it shows a representation as it is.
/// </summary>
/// <remarks>Ties are settled by the lower training index and the lower class number. Samples without a label take no part.</remarks>
public sealed class KnnClassifier
{
    private readonly FeatureSet _train;
    private readonly KnnOptions _options;
    private readonly NearestSearch _search;

    /// <summary>A classifier over training samples.</summary>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">No training sample has a label.</exception>
    public KnnClassifier(FeatureSet train, KnnOptions? options = null)
    {
        _options = options ?? new();
        if (_options.K < 1 || _options.Temperature <= 0 || _options.ChunkSize < 1)
        {
            throw new ConfigurationException(
                $"kNN needs k >= 1, temperature > 0 and chunkSize >= 1, not {_options.K}, {_options.Temperature} and {_options.ChunkSize}");
        }
        _train = Guard.Labelled(train, "training");
        _search = new(_train, _options.ChunkSize);
    }

    /// <summary>Classifies the labelled samples of a test set.</summary>
    /// <param name="test">Representations of the same encoder.</param>
    /// <param name="excludeSelf">
    /// True when the test set is the training set itself: sample i then does not vote for itself.
    /// </param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <exception cref="UnusableDataException">No test sample has a label, or its representations have another length.</exception>
    public KnnResult Evaluate(FeatureSet test, bool excludeSelf = false, CancellationToken cancellation = default)
    {
        test = Guard.Aligned(_train, Guard.Labelled(test, "test"));
        var ranks = new int[test.Count];
        int k = ForVotes(test, excludeSelf, (i, votes) => ranks[i] = Metrics.RankOf(test.Labels[i], votes), cancellation);
        return Result(ranks, test, k);
    }

    /// <summary>As the other, each replica a part of the test set; all have the same sets and get the same result.</summary>
    internal KnnResult Evaluate(FeatureSet test, IReplicas replicas, CancellationToken cancellation)
    {
        if (replicas.Count == 1)
        {
            return Evaluate(test, excludeSelf: false, cancellation);
        }
        test = Guard.Aligned(_train, Guard.Labelled(test, "test"));
        int[] mine = [.. Enumerable.Range(0, test.Count).Take(replicas.ShareOf(test.Count))];
        var ranks = new double[test.Count];
        int k = replicas.UnlessCancelled(() => mine.Length == 0 ? Math.Min(_options.K, _train.Count) : ForVotes(
            test.Select(mine), excludeSelf: false, (i, votes) => ranks[mine[i]] = Metrics.RankOf(test.Labels[mine[i]], votes), cancellation), cancellation);
        replicas.Sum(ranks);
        return Result([.. ranks.Select(rank => (int)rank)], test, k);
    }

    private KnnResult Result(int[] ranks, FeatureSet test, int k) => new(ranks, test.Labels, _train.Count) { K = k, Temperature = _options.Temperature };

    /// <summary>The class with most votes for each sample; see <see cref="Evaluate(FeatureSet, bool, CancellationToken)"/>. The samples need no labels.</summary>
    public int[] Predict(FeatureSet samples, bool excludeSelf = false, CancellationToken cancellation = default)
    {
        var classes = new int[samples.Count];
        ForVotes(samples, excludeSelf, (i, votes) => classes[i] = Array.IndexOf(votes, votes.Max()), cancellation);
        return classes;
    }

    private int ForVotes(FeatureSet samples, bool excludeSelf, Action<int, double[]> read, CancellationToken cancellation) =>
        _search.Run(samples, _options.K, excludeSelf, (i, nearest) => read(i, Votes(nearest)), cancellation);

    private double[] Votes(Nearest nearest)
    {
        var votes = new double[_train.ClassNames.Count];
        float highest = nearest.Items.Max(n => n.Similarity); // divides all votes by one number, so that none overflows
        foreach (var (similarity, index) in nearest.Items.OrderByDescending(n => n.Similarity).ThenBy(n => n.Index))
        {
            votes[_train.Labels[index]] += Math.Exp((similarity - highest) / _options.Temperature);
        }
        return votes;
    }
}
