using ByolSharp.Distributed;
using ByolSharp.Export.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// Batch normalisation with PyTorch's keys, arithmetic and running statistics (epsilon 1e-5, unbiased running variance), for inputs [N, C],
/// [N, C, H, W] and [N, C, T, H, W].
/// </summary>
/// <remarks>
/// Stands for TorchSharp's own, whose batch counter passes a temporary <see cref="Scalar"/> to native code that the garbage collector may free
/// in mid-call: rare, but a training makes millions of such calls.
/// </remarks>
public sealed class BatchNorm : nn.Module<Tensor, Tensor>, IOnnxModule
{
    /// <summary>Share of a batch in the running statistics unless <see cref="Momentum"/> is set.</summary>
    internal const double DefaultMomentum = 0.1;

    private const double Epsilon = 1e-5;
    private static readonly Scalar EpsilonScalar = Epsilon;

    // A batch's own statistics as the second lane measured them; no part of a checkpoint.
    private Tensor? _asideMean, _asideVar;
    private bool _hasAside;

    /// <summary>Scale 1, offset 0, running mean 0 and variance 1.</summary>
    /// <param name="channels">C of the input.</param>
    /// <param name="isAffine">False for one that has no scale and no offset to learn.</param>
    public BatchNorm(long channels, bool isAffine = true) : base(nameof(BatchNorm))
    {
        // A module lives longer than the scope that it may be built in.
        if (isAffine)
        {
            register_parameter("weight", (Parameter)new Parameter(ones(channels)).DetachFromDisposeScope());
            register_parameter("bias", (Parameter)new Parameter(zeros(channels)).DetachFromDisposeScope());
        }
        register_buffer("running_mean", zeros(channels).DetachFromDisposeScope());
        register_buffer("running_var", ones(channels).DetachFromDisposeScope());
        register_buffer("num_batches_tracked", tensor(0L).DetachFromDisposeScope());
    }

    /// <summary>
    /// Share of a batch in the running statistics, 0 to 1, as PyTorch counts it; Haiku and TensorFlow call one minus this the momentum.
    /// Default 0.1.
    /// </summary>
    public double Momentum { get; set; } = DefaultMomentum;

    /// <summary>Whose samples count in training: those of this process (default), or of all replicas, each of which must then have as many.</summary>
    internal IReplicas Replicas { get; set; } = SingleReplica.Instance;

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        if (training && Replicas.Count > 1)
        {
            return ForwardTogether(input);
        }
        if (training && SecondLane.IsCurrent)
        {
            return ForwardAside(input);
        }
        if (training)
        {
            get_buffer("num_batches_tracked")!.add_(Scalars.One, Scalars.One);
        }
        return nn.functional.batch_norm(
            input, get_buffer("running_mean"), get_buffer("running_var"), get_parameter("weight"), get_parameter("bias"), training, Momentum, Epsilon);
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input)
    {
        using var scope = NewDisposeScope();
        Tensor mean = get_buffer("running_mean")!, variance = get_buffer("running_var")!;
        return graph.Node(
            "BatchNormalization",
            [
                input,
                graph.Weight("weight", get_parameter("weight") ?? ones_like(mean)),
                graph.Weight("bias", get_parameter("bias") ?? zeros_like(mean)),
                graph.Weight("running_mean", mean),
                graph.Weight("running_var", variance),
            ],
            ("epsilon", Epsilon));
    }

    /// <summary>
    /// Lets the running statistics follow what the second lane has seen since the last call, after what the first has: the order in which one
    /// thread would have taken the two views.
    /// </summary>
    internal void TakeAside()
    {
        if (!_hasAside)
        {
            return;
        }
        using var gradients = no_grad();
        using Scalar kept = 1 - Momentum, taken = Momentum;
        get_buffer("num_batches_tracked")!.add_(Scalars.One, Scalars.One);
        get_buffer("running_mean")!.mul_(kept).add_(_asideMean!, taken);
        get_buffer("running_var")!.mul_(kept).add_(_asideVar!, taken);
        _hasAside = false;
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        _asideMean?.Dispose();
        _asideVar?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>With momentum 1 the "running" statistics are the batch's own.</summary>
    private Tensor ForwardAside(Tensor input)
    {
        _asideMean ??= zeros_like(get_buffer("running_mean")!).DetachFromDisposeScope();
        _asideVar ??= zeros_like(get_buffer("running_var")!).DetachFromDisposeScope();
        _hasAside = true;
        return nn.functional.batch_norm(
            input, _asideMean, _asideVar, get_parameter("weight"), get_parameter("bias"), training: true, momentum: 1, eps: Epsilon);
    }

    /// <summary>
    /// Normalises by the statistics of all replicas' samples. They are constants to the native kernel, so their gradients go through scale and offset, whose
    /// values the factors of one and the differences of zero leave as they are.
    /// </summary>
    private Tensor ForwardTogether(Tensor input)
    {
        using var scope = NewDisposeScope();
        var (mean, variance, count) = GlobalMoments.Of(input, Replicas);
        Tensor fixedMean = mean.detach(), fixedVariance = variance.detach();
        using Scalar kept = 1 - Momentum, taken = Momentum, unbiased = Momentum * count / (count - 1);
        using (no_grad())
        {
            get_buffer("num_batches_tracked")!.add_(Scalars.One, Scalars.One);
            get_buffer("running_mean")!.mul_(kept).add_(fixedMean, taken);
            get_buffer("running_var")!.mul_(kept).add_(fixedVariance, unbiased);
        }
        Tensor weight = get_parameter("weight") ?? ones_like(fixedMean), bias = get_parameter("bias") ?? zeros_like(fixedMean);
        var factor = variance.add(EpsilonScalar, Scalars.One).rsqrt();
        var fixedFactor = factor.detach();
        var scale = weight * (factor / fixedFactor);
        var offset = bias.add((fixedMean - mean) * (fixedFactor * weight.detach()), Scalars.One);
        return nn.functional.batch_norm(input, fixedMean, fixedVariance, scale, offset, training: false, eps: Epsilon).MoveToOuterDisposeScope();
    }

    /// <summary>Does nothing: all is registered already.</summary>
    protected override void RegisterComponents() { }
}
