using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>How hidden parts are learned from.</summary>
/// <param name="Weight">Weight of their loss, above 0.</param>
/// <param name="WholeWeight">Weight of BYOL's loss on whole views, 0 or more.</param>
/// <param name="AveragedLayers">Layers of the target whose mean is the goal, 1 or more (K in the paper).</param>
/// <param name="SmoothBeta">Error from which the loss is linear (beta in the paper).</param>
internal sealed record PartObjective(double Weight, double WholeWeight, int AveragedLayers, double SmoothBeta);

/// <summary>
/// The token objective of data2vec (Baevski et al. 2022, arXiv 2202.03555): of every hidden part the online network predicts what the target, which sees
/// everything, makes of it: the mean over its upper layers, normalised.
/// </summary>
internal sealed class PartRegression : nn.Module<Tensor, Tensor>
{
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
    /// <param name="parts">Of the online network, [hidden parts, size].</param>
    /// <param name="targets">Of the target network, in the same order.</param>
    internal Tensor Loss(Tensor parts, Tensor targets)
    {
        var goal = nn.functional.layer_norm(targets, [targets.shape[1]]);
        return parts.shape[0] == 0
            ? parts.sum()
            : nn.functional.smooth_l1_loss(call(parts), goal, nn.Reduction.Mean, Objective.SmoothBeta);
    }
}
