using ByolSharp.Distributed;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>How hidden parts are learned from.</summary>
/// <param name="Weight">Weight of their loss, above 0.</param>
/// <param name="WholeWeight">Weight of BYOL's loss on whole views, 0 or more.</param>
/// <param name="AveragedLayers">Layers of the target whose mean is the goal, 1 or more (K in the paper).</param>
/// <param name="SmoothBeta">Error from which the loss is linear (beta in the paper).</param>
/// <param name="Norm">How the goals are normalised.</param>
/// <param name="Places">Places that a part may have in its view, at most.</param>
internal sealed record PartObjective(double Weight, double WholeWeight, int AveragedLayers, double SmoothBeta, PartNorm Norm = PartNorm.Layer, int Places = 1);

/// <summary>How what hidden parts are regressed to is normalised.</summary>
public enum PartNorm
{
    /// <summary>Each part to mean 0 and deviation 1 over its dimensions (data2vec).</summary>
    Layer,

    /// <summary>
    /// Each dimension to mean 0 over the hidden parts of a step at the same place of their views, and to deviation 1 over all of them. What is known of a part from its
    /// place alone, most of what a network of few steps would learn to tell, is no goal then.
    /// </summary>
    Place,
}

/// <summary>
/// The token objective of data2vec (Baevski et al. 2022, arXiv 2202.03555): of every hidden part the online network predicts what the target, which sees
/// everything, makes of it: the mean over its upper layers, normalised.
/// </summary>
internal sealed class PartRegression : nn.Module<Tensor, Tensor>
{
    private static readonly Scalar SmallestVariance = 1e-5;

    [ComponentName(Name = "linear1")]
    private readonly Linear _linear1;

    [ComponentName(Name = "linear2")]
    private readonly Linear _linear2;

    /// <summary>Makes the head, as wide inside as in the authors' code.</summary>
    internal PartRegression(int size, PartObjective objective) : base(nameof(PartRegression))
    {
        Objective = objective;
        (_linear1, _linear2) = (nn.Linear(size, 2 * size), nn.Linear(2 * size, size));
        RegisterComponents();
    }

    internal PartObjective Objective { get; }

    /// <summary>[hidden parts, size] of the online network to predictions of the same shape.</summary>
    public override Tensor forward(Tensor parts) => _linear2.call(nn.functional.gelu(_linear1.call(parts)));

    /// <summary>Mean over parts and dimensions of the smooth l1 distance; 0 where nothing is hidden.</summary>
    /// <param name="parts">What both networks make of them.</param>
    /// <param name="replicas">Who else has hidden parts of the batch, any number of them.</param>
    internal Tensor Loss(HiddenParts parts, IReplicas replicas)
    {
        var goal = parts.Places is { } places ? OverPlaces(parts.Target, places, Objective.Places, replicas) : nn.functional.layer_norm(parts.Target, [parts.Target.shape[1]]);
        return parts.Online.shape[0] == 0
            ? parts.Online.sum()
            : nn.functional.smooth_l1_loss(call(parts.Online), goal, nn.Reduction.Mean, Objective.SmoothBeta);
    }

    /// <summary>Goals as <see cref="PartNorm.Place"/> says. Replicas hide unequal numbers of parts, so that what meets are sums and counts.</summary>
    internal static Tensor OverPlaces(Tensor targets, Tensor places, int placeCount, IReplicas replicas)
    {
        long size = targets.shape[1];
        var wide = targets.to(ScalarType.Float64);
        var sums = zeros([placeCount, size + 1], ScalarType.Float64, targets.device);
        sums.index_add_(0, places, nn.functional.pad(wide, [0, 1], value: 1), Scalars.One);
        replicas.Sum(sums);
        var means = sums.narrow(1, 0, size).div(sums.narrow(1, size, 1).clamp_min(Scalars.One));
        var centred = wide.sub(means.index_select(0, places));
        var squares = nn.functional.pad(centred.mul(centred).sum([0]), [0, 1], value: targets.shape[0]);
        replicas.Sum(squares);
        var variance = squares.narrow(0, 0, size).div(squares.narrow(0, size, 1).clamp_min(Scalars.One));
        return centred.div(variance.clamp_min(SmallestVariance).sqrt()).to(targets.dtype);
    }
}
