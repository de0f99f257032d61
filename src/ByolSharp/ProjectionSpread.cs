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
    public static Tensor Variance(Tensor z) => z.var(0).add(Epsilon, One).sqrt().mul(MinusOne).add(One, One).relu().mean();

    /// <summary>Squared covariances of all pairs of two dimensions, summed, divided by d: 0 where no dimension tells of another.</summary>
    /// <param name="z">Projections, [N, d], N at least 2.</param>
    public static Tensor Covariance(Tensor z)
    {
        var centred = z.sub(z.mean([0], keepdim: true));
        using Scalar share = 1.0 / (z.shape[0] - 1);
        using Scalar perDimension = 1.0 / z.shape[1];
        var covariance = centred.t().matmul(centred).mul(share);
        return covariance.square().sum().sub(covariance.diagonal().square().sum()).mul(perDimension);
    }
}
