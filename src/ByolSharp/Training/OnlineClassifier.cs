using ByolSharp.Distributed;
using TorchSharp;
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
    private static readonly Scalar NoLabelScalar = NoLabel;

    [ComponentName(Name = "linear")]
    private readonly Linear _linear;

    /// <summary>Makes the classifier; equal seeds give equal weights.</summary>
    public OnlineClassifier(int representationSize, int classCount, long seed = 0) : base(nameof(OnlineClassifier))
    {
        _linear = nn.Linear(representationSize, classCount);
        RegisterComponents();
        Initialization.Apply(this, InitializationScheme.Official, seed, "classifier.");
    }

    /// <summary>[N, representation size] to logits [N, classes].</summary>
    public override Tensor forward(Tensor representations) => _linear.call(representations);

    /// <summary>Mean cross entropy and accuracy over the labelled samples; unlabelled ones (-1) do not count.</summary>
    /// <param name="representations">[N, representation size]; detached here.</param>
    /// <param name="labels">int64 [N].</param>
    public Classified Classify(Tensor representations, Tensor labels) => Classify(representations, labels, SingleReplica.Instance);

    /// <summary>This replica's part, of which the mean over all replicas is that over the labelled samples of all.</summary>
    internal Classified Classify(Tensor representations, Tensor labels, IReplicas replicas)
    {
        var logits = call(representations.detach());
        Span<double> labelled = [labels.ne(NoLabelScalar).sum().item<long>()];
        replicas.Sum(labelled);
        double divisor = Math.Max(1, labelled[0]) / replicas.Count;
        var losses = nn.functional.cross_entropy(logits, labels, ignore_index: NoLabel, reduction: nn.Reduction.Sum);
        var hits = logits.detach().argmax(1).eq(labels).sum();
        return new(losses / tensor((float)divisor), hits.item<long>() / divisor);
    }
}

/// <summary>What the online classifier made of a batch.</summary>
/// <param name="Loss">Mean cross entropy, with gradient for the classifier alone.</param>
/// <param name="Top1">Share of labelled samples classified right, 0 to 1.</param>
public sealed record Classified(Tensor Loss, double Top1);
