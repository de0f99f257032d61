using ByolSharp.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// A linear predictor q that is computed instead of learned, from the correlation matrix of the online projections (DirectPred, Tian et al.
/// 2021, arXiv 2102.06810, section 3.2; DirectCopy, Wang et al. 2021, arXiv 2110.04947). It is right from the first step, which short runs feel.
/// </summary>
/// <remarks>
/// F follows E[z z^T] by a moving average with rho = 0.3. With F = U diag(s) U^T, DirectPred predicts by U diag(sqrt(s / max s) + epsilon) U^T,
/// DirectCopy by F / max s + epsilon I. The loss ignores the scale of a prediction.
/// </remarks>
public sealed class DirectPredictor : nn.Module<Tensor, Tensor>
{
    private const double Kept = 0.3, Epsilon = 0.1;
    private static readonly Scalar KeptShare = Kept, Least = 1e-12, Boost = Epsilon;
    private readonly bool _copies;

    /// <summary>Starts from no correlations at all.</summary>
    /// <param name="size">Length of projections and predictions.</param>
    /// <param name="copies">DirectCopy instead of DirectPred: no eigenvectors needed.</param>
    public DirectPredictor(int size, bool copies = false) : base(nameof(DirectPredictor))
    {
        _copies = copies;
        register_buffer("correlation", zeros(size, size).DetachFromDisposeScope());
        register_buffer("weight", eye(size).DetachFromDisposeScope());
    }

    /// <summary>[N, d] to [N, d].</summary>
    public override Tensor forward(Tensor input) => input.matmul(get_buffer("weight")!);

    /// <summary>Takes a batch's projections of all views, [N, d] each, into the correlations and computes the predictor from them.</summary>
    public void Observe(params IReadOnlyList<Tensor> projections) => Observe(projections, SingleReplica.Instance);

    /// <summary>Does nothing: all is registered already.</summary>
    protected override void RegisterComponents() { }

    /// <summary>Takes in the projections of all replicas.</summary>
    internal void Observe(IReadOnlyList<Tensor> projections, IReplicas replicas)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var correlation = get_buffer("correlation")!;
        var all = cat([.. projections.Select(z => z.detach())]);
        using Scalar share = (1 - Kept) / (all.shape[0] * replicas.Count);
        correlation.mul_(KeptShare).add_(GlobalSum.Of(all.t().matmul(all), replicas), share);
        get_buffer("weight")!.copy_(_copies ? Copied(correlation) : Rooted(correlation));
    }

    private static Tensor Rooted(Tensor correlation)
    {
        // Projections that are no numbers end the step by their loss; the decomposition would throw before it.
        var (values, vectors) = linalg.eigh(correlation.nan_to_num(0, 0, 0));
        var roots = values.clamp_min(Least).sqrt();
        return (vectors * roots.div(roots.max()).add(Boost, Scalars.One)).matmul(vectors.t());
    }

    private static Tensor Copied(Tensor correlation) =>
        correlation.div(correlation.norm().clamp_min(Least)).add(eye(correlation.shape[0], device: correlation.device), Boost);
}
