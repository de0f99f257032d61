using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

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
    private const int TrainTile = 16_384;
    private readonly FeatureSet _train;
    private readonly KnnOptions _options;

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
        _train = Guard.Labelled(train, "training").L2Normalized();
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
        test = Guard.Aligned(_train, Guard.Labelled(test, "test")).L2Normalized();
        if (excludeSelf && test.Count != _train.Count)
        {
            throw new ArgumentException(
                $"excludeSelf needs the training set itself, but it has {_train.Count} samples and the test set {test.Count}");
        }
        int k = Math.Min(_options.K, _train.Count - (excludeSelf ? 1 : 0));
        if (k < 1)
        {
            throw new UnusableDataException("a single training sample has no neighbour but itself: give more training samples");
        }

        int tile = Math.Min(Math.Min(TrainTile, _options.ChunkSize), _train.Count);
        int rows = Math.Clamp(_options.ChunkSize / tile, 1, test.Count);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor trainRows = _train.AsTensor(), testRows = test.AsTensor();
        var ranks = new int[test.Count];
        for (int from = 0; from < test.Count; from += rows)
        {
            var nearest = Enumerable.Range(0, Math.Min(rows, test.Count - from)).Select(_ => new Nearest(k)).ToArray();
            for (int start = 0; start < _train.Count; start += tile)
            {
                cancellation.ThrowIfCancellationRequested();
                Compare(testRows, from, nearest, trainRows, start, Math.Min(tile, _train.Count - start), excludeSelf);
            }
            for (int i = 0; i < nearest.Length; i++)
            {
                ranks[from + i] = Metrics.RankOf(test.Labels[from + i], Votes(nearest[i]));
            }
        }
        return new(ranks, test.Labels, _train.Count) { K = k, Temperature = _options.Temperature };
    }

    /// <summary>Offers a tile of training samples to a chunk of test samples.</summary>
    private static void Compare(
        Tensor testRows, int from, Nearest[] nearest, Tensor trainRows, int start, int count, bool excludeSelf)
    {
        using var scope = NewDisposeScope();
        var tile = trainRows.narrow(0, start, count);
        var product = testRows.narrow(0, from, nearest.Length).mm(tile.t());
        var similarities = MemoryMarshal.Cast<byte, float>(product.bytes);
        for (int i = 0; i < nearest.Length; i++)
        {
            Offer(nearest[i], similarities.Slice(i * count, count), start, excludeSelf ? from + i : -1);
        }
    }

    /// <summary>Offers the row of one test sample; few enter, so that most vectors are passed over after one comparison.</summary>
    private static void Offer(Nearest nearest, ReadOnlySpan<float> row, int start, int self)
    {
        int width = Vector<float>.Count;
        for (int j = 0; j < row.Length; j += width)
        {
            var block = row.Slice(j, Math.Min(width, row.Length - j));
            if (block.Length == width && !Vector.GreaterThanAny(new Vector<float>(block), new Vector<float>(nearest.Threshold)))
            {
                continue;
            }
            for (int i = 0; i < block.Length; i++)
            {
                if (block[i] > nearest.Threshold && start + j + i != self)
                {
                    nearest.Offer(block[i], start + j + i);
                }
            }
        }
    }

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
