using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Two samples that an encoder finds alike.</summary>
/// <param name="A">Name of the first, of the training set where two sets are compared.</param>
/// <param name="B">Name of the second.</param>
/// <param name="Cosine">Cosine of their representations after the mean of all was taken off, at most 1.</param>
public sealed record AlikePair(string A, string B, float Cosine);

/// <summary>
/// Pairs of samples whose representations nearly coincide: mirrored, recoloured and cropped copies, which leave pixels and brightness grids
/// different but which an encoder was trained to see through. Compares all with all: quadratic in the number of samples.
/// </summary>
public static class RepresentationTwins
{
    private const int Chunk = 1024;

    /// <summary>Pairs within one set.</summary>
    /// <param name="set">Representations.</param>
    /// <param name="leastCosine">Above 0, at most 1; see <see cref="AlikePair.Cosine"/>.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <returns>The most alike first.</returns>
    public static IReadOnlyList<AlikePair> Within(FeatureSet set, double leastCosine, CancellationToken cancellation = default) =>
        Find(set, set, leastCosine, (i, j) => i < j, cancellation);

    /// <summary>Pairs of a training and a test sample.</summary>
    /// <param name="train">Representations of the training set, whose mean is taken off both.</param>
    /// <param name="test">Representations of the test set by the same encoder.</param>
    /// <param name="leastCosine">As in <see cref="Within"/>.</param>
    /// <param name="cancellation">Stops between chunks.</param>
    /// <returns>The most alike first.</returns>
    public static IReadOnlyList<AlikePair> Between(FeatureSet train, FeatureSet test, double leastCosine, CancellationToken cancellation = default) =>
        Find(train, test, leastCosine, (_, _) => true, cancellation);

    private static AlikePair[] Find(FeatureSet a, FeatureSet b, double leastCosine, Func<int, int, bool> counts, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(leastCosine);
        var pairs = new List<AlikePair>();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var mean = a.AsTensor().mean([0L], keepdim: true);
        Tensor from = nn.functional.normalize(a.AsTensor() - mean), to = nn.functional.normalize(b.AsTensor() - mean).t();
        var least = tensor((float)leastCosine);
        for (int first = 0; first < a.Count; first += Chunk)
        {
            cancellation.ThrowIfCancellationRequested();
            using var chunkScope = NewDisposeScope();
            var cosines = from.narrow(0, first, Math.Min(Chunk, a.Count - first)).mm(to);
            var places = cosines.ge(least).nonzero();
            float[] values = [.. cosines.masked_select(cosines.ge(least)).data<float>()];
            long[] at = [.. places.contiguous().data<long>()];
            for (int k = 0; k < values.Length; k++)
            {
                (int i, int j) = (first + (int)at[2 * k], (int)at[2 * k + 1]);
                if (counts(i, j))
                {
                    pairs.Add(new(a.Names[i], b.Names[j], values[k]));
                }
            }
        }
        return [.. pairs.OrderByDescending(pair => pair.Cosine)];
    }
}
