using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>
/// LiDAR (Thilak et al. 2024, arXiv 2312.04000): the effective rank of what tells samples apart and survives augmentation. Samples are the
/// classes of a linear discriminant analysis, their views its members; noise that differs between views of one sample does not count as rank.
/// </summary>
public static class Lidar
{
    /// <summary>The paper's delta, added to the diagonal of the scatter within samples so that it can be inverted.</summary>
    private static readonly Scalar Delta = 1e-4;

    private static readonly Scalar Half = 0.5;

    /// <summary>
    /// exp of the entropy of the normalised eigenvalues of Sw^-1/2 Sb Sw^-1/2, where Sb is the covariance of the samples' means and Sw the
    /// mean covariance of the views around their sample's mean, plus delta.
    /// </summary>
    /// <param name="views">[samples, views of each, size] with at least 2 samples and 2 views, finite, any device.</param>
    /// <returns>From 1 to min(samples - 1, size), up to the rounding of the entropy's epsilon. The paper takes 1,000 samples of 50 views.</returns>
    /// <remarks>A rotation or a shift changes nothing, a scale only as far as it moves the scatter towards delta.</remarks>
    public static double Of(Tensor views)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(views.dim(), 3, nameof(views));
        ArgumentOutOfRangeException.ThrowIfLessThan(views.shape[0], 2, nameof(views));
        ArgumentOutOfRangeException.ThrowIfLessThan(views.shape[1], 2, nameof(views));
        using var scope = NewDisposeScope();
        var all = views.detach().to(ScalarType.Float64, CPU);
        long samples = all.shape[0], size = all.shape[2];
        using Scalar perView = 1.0 / (samples * all.shape[1]), perSample = 1 / Math.Sqrt(samples);
        var means = all.mean([1]);
        var within = (all - means.unsqueeze(1)).reshape(-1, size);
        var scatter = within.t().mm(within).mul(perView).add(eye(size, dtype: ScalarType.Float64), Delta);
        var between = (means - means.mean([0], keepdim: true)).mul(perSample);
        // With B = between, the eigenvalues of Sw^-1/2 B'B Sw^-1/2 are those of B Sw^-1 B', which takes no root of a matrix.
        var discriminant = between.mm(linalg.solve(scatter, between.t()));
        var eigenvalues = linalg.eigvalsh(discriminant.add(discriminant.t(), Scalars.One).mul(Half)).data<double>().ToArray().Select(e => Math.Max(e, 0));
        return RankMe.OfSpectrum(eigenvalues.OrderDescending().Concat(Enumerable.Repeat(0.0, (int)size)).Take((int)size));
    }
}
