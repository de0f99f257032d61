using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>
/// RankMe (Garrido et al. 2023, arXiv 2210.02885, equations 3 and 4): how many directions a set of vectors fills, a smooth count of the
/// singular values of the matrix that has them as rows.
/// </summary>
public static class RankMe
{
    /// <summary>Added to every share so that its logarithm exists; the paper's value for single precision.</summary>
    private const double Epsilon = 1e-7;

    /// <summary>The rank of vectors, from 1 (all on one line) to min(count, size), up to a few millionths more because of the epsilon.</summary>
    /// <param name="vectors">[count, size], not empty, finite, any device; not centred, as in the paper.</param>
    /// <remarks>Neither a common scale nor a rotation changes it; moving all vectors by a constant does.</remarks>
    public static double Of(Tensor vectors)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(vectors.dim(), 2, nameof(vectors));
        using var scope = NewDisposeScope();
        // Double precision: a Gram matrix squares the singular values, and in single precision noise would pass for rank.
        var rows = vectors.detach().to(ScalarType.Float64, CPU);
        var gram = rows.shape[0] < rows.shape[1] ? rows.mm(rows.t()) : rows.t().mm(rows);
        return OfSpectrum(linalg.eigvalsh(gram).data<double>().ToArray().Select(e => Math.Sqrt(Math.Max(e, 0))));
    }

    /// <summary>exp of the entropy of values that are not negative, as shares of their sum.</summary>
    internal static double OfSpectrum(IEnumerable<double> values)
    {
        double[] spectrum = [.. values];
        double total = Math.Max(spectrum.Sum(), double.Epsilon);
        return Math.Exp(-spectrum.Select(s => s / total + Epsilon).Sum(p => p * Math.Log(p)));
    }
}
