using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>
/// A linear classifier on the detached representation of the first view, trained beside the encoder with the same optimizer as in
/// the authors' code. It shows progress; no label information reaches the encoder.
/// </summary>
public sealed class OnlineClassifier : nn.Module<Tensor, Tensor>
{
    private const long NoLabel = -1;

    [ComponentName(Name = "linear")]
    private readonly Linear _linear;

    /// <summary>Makes the classifier.</summary>
    public OnlineClassifier(int representationSize, int classCount) : base(nameof(OnlineClassifier))
    {
        _linear = nn.Linear(representationSize, classCount);
        RegisterComponents();
    }

    /// <summary>[N, representation size] to logits [N, classes].</summary>
    public override Tensor forward(Tensor representations) => _linear.call(representations);

    /// <summary>Mean cross entropy over the labelled samples; unlabelled ones (-1) do not count.</summary>
    public Tensor Loss(Tensor representations, Tensor labels)
    {
        var losses = nn.functional.cross_entropy(call(representations.detach()), labels, ignore_index: NoLabel, reduction: nn.Reduction.Sum);
        return losses / labels.ne(NoLabel).sum().clamp_min(1);
    }
}
