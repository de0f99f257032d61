using System.Numerics;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Finds the samples of a set that are most similar to others, by the cosine of their representations.</summary>
/// <param name="reference">The set that is searched.</param>
/// <param name="chunkSize">Similarities held in memory at once, at least 1; see <see cref="KnnOptions.ChunkSize"/>.</param>
internal sealed class NearestSearch(FeatureSet reference, int chunkSize)
{
    private const int ReferenceTile = 16_384;
    private readonly FeatureSet _reference = reference.L2Normalized();

    /// <summary>Searches for each query in turn.</summary>
    /// <param name="queries">Representations of the same encoder.</param>
    /// <param name="k">Neighbours of a query; capped at the samples that there are.</param>
    /// <param name="excludeSelf">True when the queries are the searched set itself: sample i is then no neighbour of itself.</param>
    /// <param name="found">Told the number of a query and its neighbours, in the order of the queries.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <returns>Neighbours that each query got.</returns>
    /// <exception cref="UnusableDataException">There is no sample but the query itself, or the representations have another length.</exception>
    internal int Run(FeatureSet queries, int k, bool excludeSelf, Action<int, Nearest> found, CancellationToken cancellation)
    {
        Guard.SameSize(_reference, queries);
        queries = queries.L2Normalized();
        if (excludeSelf && queries.Count != _reference.Count)
        {
            throw new ArgumentException(
                $"excludeSelf needs the training set itself, but it has {_reference.Count} samples and the test set {queries.Count}");
        }
        k = Math.Min(k, _reference.Count - (excludeSelf ? 1 : 0));
        if (k < 1)
        {
            throw new UnusableDataException("a single training sample has no neighbour but itself: give more training samples");
        }

        int tile = Math.Min(Math.Min(ReferenceTile, chunkSize), _reference.Count);
        int rows = Math.Clamp(chunkSize / tile, 1, queries.Count);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Tensor referenceRows = _reference.AsTensor(), queryRows = queries.AsTensor();
        for (int from = 0; from < queries.Count; from += rows)
        {
            var nearest = Enumerable.Range(0, Math.Min(rows, queries.Count - from)).Select(_ => new Nearest(k)).ToArray();
            for (int start = 0; start < _reference.Count; start += tile)
            {
                cancellation.ThrowIfCancellationRequested();
                Compare(queryRows, from, nearest, referenceRows, start, Math.Min(tile, _reference.Count - start), excludeSelf);
            }
            for (int i = 0; i < nearest.Length; i++)
            {
                found(from + i, nearest[i]);
            }
        }
        return k;
    }

    /// <summary>Offers a tile of the searched samples to a chunk of queries.</summary>
    private static void Compare(
        Tensor queryRows, int from, Nearest[] nearest, Tensor referenceRows, int start, int count, bool excludeSelf)
    {
        using var scope = NewDisposeScope();
        var tile = referenceRows.narrow(0, start, count);
        var product = queryRows.narrow(0, from, nearest.Length).mm(tile.t());
        var similarities = MemoryMarshal.Cast<byte, float>(product.bytes);
        for (int i = 0; i < nearest.Length; i++)
        {
            Offer(nearest[i], similarities.Slice(i * count, count), start, excludeSelf ? from + i : -1);
        }
    }

    /// <summary>Offers the row of one query; few enter, so that most vectors are passed over after one comparison.</summary>
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
}
