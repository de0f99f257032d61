using static TorchSharp.torch;

namespace ByolSharp.Evaluation.FewLabels;

/// <summary>A view's own values, reduced to the directions in which they vary most: the baseline that looks at images without any network.</summary>
public sealed class PrincipalComponentsBackbone : Backbone
{
    private const int Samples = 10_000, BatchSize = 256;
    private readonly Tensor _mean, _directions;

    private PrincipalComponentsBackbone(Tensor mean, Tensor directions) : base(nameof(PrincipalComponentsBackbone))
    {
        (_mean, _directions) = (mean, directions);
        register_buffer("mean", _mean);
        register_buffer("directions", _directions);
    }

    /// <inheritdoc />
    public override int RepresentationSize => (int)_directions.shape[1];

    /// <summary>Finds the directions; labels play no part.</summary>
    /// <param name="source">Up to 10,000 of its samples are looked at; unreadable ones are left out.</param>
    /// <param name="count">Directions, at least 1; at most as many as a view has values or the samples allow.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="UnusableDataException">No sample can be read.</exception>
    public static PrincipalComponentsBackbone Fit(IEvalSource source, int count = 256, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int length = (int)source.ViewShape.Aggregate(1L, (a, b) => a * b);
        using var pixels = new PixelBackbone(length);
        var features = FeatureExtractor.Extract(pixels, source, Samples, batchSize: BatchSize, cancellation: cancellation).Features;
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var x = features.AsTensor();
        var mean = x.mean([0L]);
        var centred = x - mean;
        var (_, vectors) = linalg.eigh(centred.t().mm(centred));
        int kept = Math.Min(count, Math.Min(length, Math.Max(1, features.Count - 1)));
        var directions = vectors.narrow(1, length - kept, kept).flip(1).contiguous(); // eigenvalues come in ascending order
        return new(mean.DetachFromDisposeScope(), directions.DetachFromDisposeScope());
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor views) => (views.contiguous().flatten(1) - _mean).mm(_directions);
}
