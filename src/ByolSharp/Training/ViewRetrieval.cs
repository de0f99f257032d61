using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>
/// Whether a view of a sample finds the other view of the same sample: instance discrimination as a score. It asks both for invariance
/// (the views of a sample are near) and for information (other samples are not).
/// </summary>
public static class ViewRetrieval
{
    /// <summary>Share of the first views whose most similar second view, by cosine, is their own sample's.</summary>
    /// <param name="v1">Vectors of the first views, [samples, size] with at least 2 samples, finite, any device.</param>
    /// <param name="v2">Vectors of the second views, likewise, row by row of the same samples.</param>
    /// <returns>From 0 to 1; where k are equally similar each counts as 1 / k, so vectors that are all one give chance, 1 / samples.</returns>
    public static double Top1(Tensor v1, Tensor v2)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(v1.dim(), 2, nameof(v1));
        ArgumentOutOfRangeException.ThrowIfLessThan(v1.shape[0], 2, nameof(v1));
        if (!v1.shape.SequenceEqual(v2.shape))
        {
            throw new ArgumentException($"both views must have one shape, not [{string.Join(", ", v1.shape)}] and [{string.Join(", ", v2.shape)}]");
        }
        using var scope = NewDisposeScope();
        using var similarity = Unit(v1).mm(Unit(v2).t());
        int samples = (int)v1.shape[0];
        double[] all = similarity.contiguous().data<double>().ToArray();
        return Enumerable.Range(0, samples).Sum(i => Share(all.AsSpan(i * samples, samples), i)) / samples;
    }

    /// <summary>1 where the own sample is the most similar alone, 1 / k as one of k, else 0.</summary>
    private static double Share(ReadOnlySpan<double> similarities, int own)
    {
        int equal = 0;
        foreach (double other in similarities)
        {
            // Rounding tells equal vectors apart in the last digits.
            if (other > similarities[own] + 1e-12)
            {
                return 0;
            }
            equal += other >= similarities[own] - 1e-12 ? 1 : 0;
        }
        return 1.0 / equal;
    }

    private static Tensor Unit(Tensor rows) => nn.functional.normalize(rows.detach().to(ScalarType.Float64, CPU), p: 2, dim: 1);
}
