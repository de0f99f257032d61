using ByolSharp.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// Terms that keep the dimensions of the projections in use and unlike each other: variance and covariance of VICReg (Bardes et al. 2022,
/// arXiv 2105.04906, equations 1, 3 and 4). BYOL as published has neither.
/// </summary>
public static class ProjectionSpread
{
    private static readonly Scalar One = 1, MinusOne = -1, Epsilon = 1e-4;

    /// <summary>Mean over the dimensions of max(0, 1 - standard deviation over the batch): 0 where each deviates by 1 or more.</summary>
    /// <param name="z">Projections, [N, d], N at least 2.</param>
    public static Tensor Variance(Tensor z) => VarianceOver(z, SingleReplica.Instance);

    /// <summary>Squared covariances of all pairs of two dimensions, summed, divided by d: 0 where no dimension tells of another.</summary>
    /// <param name="z">Projections, [N, d], N at least 2.</param>
    public static Tensor Covariance(Tensor z) => CovarianceOver(z, SingleReplica.Instance);

    /// <summary>The variance term over the projections of all replicas.</summary>
    internal static Tensor VarianceOver(Tensor z, IReplicas replicas) => VarianceOf(z, replicas).add(Epsilon, One).sqrt().mul(MinusOne).add(One, One).relu().mean();

    /// <summary>The covariance term over the projections of all replicas.</summary>
    internal static Tensor CovarianceOver(Tensor z, IReplicas replicas)
    {
        var centred = z.sub(replicas.Count == 1 ? z.mean([0], keepdim: true) : GlobalMoments.Of(z, replicas).Mean);
        using Scalar share = 1.0 / (z.shape[0] * replicas.Count - 1);
        using Scalar perDimension = 1.0 / z.shape[1];
        var covariance = GlobalSum.Of(centred.t().matmul(centred), replicas).mul(share);
        return covariance.pow(Scalars.Two).sum().sub(covariance.diagonal().pow(Scalars.Two).sum()).mul(perDimension);
    }

    private static Tensor VarianceOf(Tensor z, IReplicas replicas)
    {
        if (replicas.Count == 1)
        {
            return z.var(0);
        }
        var (_, variance, count) = GlobalMoments.Of(z, replicas);
        using Scalar unbiased = count / (count - 1);
        return variance.mul(unbiased);
    }
}
