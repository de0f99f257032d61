using ByolSharp.Distributed;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>An encoder f followed by a projector g; the online and the target network are two of these.</summary>
public sealed class Network : nn.Module<Tensor, (Tensor Representation, Tensor Projection)>
{
    [ComponentName(Name = "encoder")]
    private readonly Backbone _encoder;

    [ComponentName(Name = "projector")]
    private readonly nn.Module<Tensor, Tensor> _projector;

    internal Network(Backbone encoder, nn.Module<Tensor, Tensor> projector) : base(nameof(Network))
    {
        _encoder = encoder;
        _projector = projector;
        RegisterComponents();
    }

    /// <summary>f, which is kept after training.</summary>
    public Backbone Encoder => _encoder;

    /// <summary>g, which only training needs.</summary>
    public nn.Module<Tensor, Tensor> Projector => _projector;

    /// <summary>Views to y [N, representation size] and z [N, projection size].</summary>
    public override (Tensor Representation, Tensor Projection) forward(Tensor views)
    {
        var y = _encoder.call(views);
        return (y, _projector.call(y));
    }
}

/// <summary>What one forward pass gives.</summary>
/// <param name="Loss">BYOL's loss, scalar in [0, 8], with gradient.</param>
/// <param name="Objective">What is minimised: the loss, plus the variance and covariance terms where they are switched on.</param>
/// <param name="Representation1">y of the first view, detached, [N, representation size].</param>
/// <param name="Projection1">Online projection of the first view, detached, [N, projection size].</param>
/// <param name="Projection2">Online projection of the second view, detached.</param>
public sealed record ByolOutput(Tensor Loss, Tensor Objective, Tensor Representation1, Tensor Projection1, Tensor Projection2);

/// <summary>A view through both networks. Where it was computed outside every dispose scope, its receiver disposes it.</summary>
/// <param name="Representation">y of the online network, [N, representation size], with gradient.</param>
/// <param name="Projection">z of the online network, [N, projection size], with gradient.</param>
/// <param name="TargetProjection">z' of the target network, without gradient.</param>
/// <param name="Parts">What the view hides, by the online network and by the target; null without <see cref="PartRegression"/>.</param>
internal sealed record EncodedView(Tensor Representation, Tensor Projection, Tensor TargetProjection, HiddenParts? Parts = null) : IDisposable
{
    public void Dispose()
    {
        Representation.Dispose();
        Projection.Dispose();
        TargetProjection.Dispose();
        Parts?.Online.Dispose();
        Parts?.Target.Dispose();
        Parts?.Places?.Dispose();
    }

    internal EncodedView MoveToOuterDisposeScope() => new(
        Representation.MoveToOuterDisposeScope(), Projection.MoveToOuterDisposeScope(), TargetProjection.MoveToOuterDisposeScope(),
        Parts is null ? null : new(Parts.Online.MoveToOuterDisposeScope(), Parts.Target.MoveToOuterDisposeScope(), Parts.Places?.MoveToOuterDisposeScope()));
}

/// <summary>The hidden parts of a view.</summary>
/// <param name="Online">What the online network makes of their places, [parts, part size], with gradient.</param>
/// <param name="Target">What the target network makes of them, in the same order, without gradient.</param>
/// <param name="Places">The place of each in its view, where <see cref="PartNorm.Place"/> asks for it.</param>
internal sealed record HiddenParts(Tensor Online, Tensor Target, Tensor? Places);

/// <summary>
/// Bootstrap Your Own Latent (Grill et al. 2020, arXiv 2006.07733), algorithm 1: the online network predicts the projection
/// that the target network, its moving average, gives to the other view of the same sample.
/// </summary>
public sealed class Byol : nn.Module
{
    /// <summary>Kept, not made anew in each step: native code must never outlive a scalar it was given.</summary>
    private static readonly Scalar SmallestSquare = 1e-12;

    [ComponentName(Name = "online")]
    private readonly Network _online;

    [ComponentName(Name = "predictor")]
    private readonly nn.Module<Tensor, Tensor> _predictor;

    [ComponentName(Name = "target")]
    private readonly Network _target;

    [ComponentName(Name = "parts")]
    private readonly PartRegression? _parts;

    private IReplicas _replicas = SingleReplica.Instance;

    /// <summary>Makes both networks and the predictor.</summary>
    /// <param name="createBackbone">Makes one encoder; called twice, and both must have the same shape.</param>
    /// <param name="options">Options of the method.</param>
    /// <param name="seed">Seed of the heads' initial weights.</param>
    public Byol(Func<Backbone> createBackbone, ByolOptions options, long seed = 0) : this(createBackbone, options, seed, null) { }

    /// <summary>As above, for an encoder that learns from hidden parts too.</summary>
    internal Byol(Func<Backbone> createBackbone, ByolOptions options, long seed, PartObjective? parts) : base(nameof(Byol))
    {
        options.Validate();
        Options = options;
        _online = CreateNetwork(createBackbone);
        _target = CreateNetwork(createBackbone);
        _predictor = CreatePredictor(options);
        _parts = parts is null ? null : new(((PartBackbone)_online.Encoder).PartSize, parts);
        RegisterComponents();
        Initialization.Apply(_online.Projector, options.HeadInitialization, seed, "online.projector.");
        Initialization.Apply(_predictor, options.HeadInitialization, seed, "predictor.");
        Initialization.Apply(_target.Projector, options.HeadInitialization, seed, "target.projector.");
        if (_parts is not null)
        {
            Initialization.Apply(_parts, options.HeadInitialization, seed, "parts.");
        }
        if (options.TargetStart == TargetStart.Copy)
        {
            CopyOnlineToTarget();
        }
        foreach (var parameter in _target.parameters())
        {
            parameter.requires_grad = false;
        }
        train();
    }

    /// <summary>Options of the method.</summary>
    public ByolOptions Options { get; }

    /// <summary>In what numbers the networks multiply while they train; what they give is single precision either way.</summary>
    public Precision Precision { get; set; }

    /// <summary>The network that is trained (theta).</summary>
    public Network Online => _online;

    /// <summary>The network that follows it (xi).</summary>
    public Network Target => _target;

    /// <summary>q, which only the online network has.</summary>
    public nn.Module<Tensor, Tensor> Predictor => _predictor;

    /// <summary>The head that predicts hidden parts, or null where there are none.</summary>
    internal PartRegression? Parts => _parts;

    /// <summary>The symmetric loss: each view predicts the target's projection of the other.</summary>
    /// <param name="v1">First views, drawn from T, [N, ...].</param>
    /// <param name="v2">Second views, drawn from T', of the same samples in the same order.</param>
    public ByolOutput Forward(Tensor v1, Tensor v2)
    {
        var first = Encode(v1);
        var second = Encode(v2); // per view: batch-norm statistics are each view's own
        Observe(first.Projection, second.Projection);
        var (loss1, objective1, _) = Predict(first.Projection, [second.TargetProjection], first.Parts);
        var (loss2, objective2, _) = Predict(second.Projection, [first.TargetProjection], second.Parts);
        return new(loss1.add(loss2, Scalars.One), objective1.add(objective2, Scalars.One), first.Representation.detach(), first.Projection.detach(), second.Projection.detach());
    }

    /// <summary>From now on the statistics of a batch are those over all replicas' samples.</summary>
    /// <param name="replicas">Who has the other parts of each batch.</param>
    /// <param name="syncBatchNorm">False leaves batch norm the statistics of the own part.</param>
    internal void Join(IReplicas replicas, bool syncBatchNorm)
    {
        _replicas = replicas;
        foreach (var norm in modules().OfType<BatchNorm>())
        {
            norm.Replicas = syncBatchNorm ? replicas : SingleReplica.Instance;
        }
    }

    /// <summary>True where a predictor is computed from the projections of all views, so that none may be predicted before all are encoded.</summary>
    internal bool ObservesAllViews => _predictor is DirectPredictor;

    /// <summary>A view through both networks.</summary>
    /// <param name="view">Views of one distribution, [N, ...].</param>
    /// <param name="profile">Told where the time goes, or null.</param>
    internal EncodedView Encode(Tensor view, StepProfile? profile = null)
    {
        using var scope = NewDisposeScope();
        var (representation, projection, parts) = EncodeOnline(view, profile);
        var (target, targetParts) = EncodeTarget(view, profile);
        return new EncodedView(representation, projection, target, Hidden(view, parts, targetParts)).MoveToOuterDisposeScope();
    }

    /// <summary>y and z of the online network and what it makes of hidden parts, with gradient.</summary>
    internal (Tensor Representation, Tensor Projection, Tensor? Parts) EncodeOnline(Tensor view, StepProfile? profile = null)
    {
        using var lower = Autocast.Enter(Precision, view.device_type);
        var (representation, projection, parts) = Encode(_online, view, averagedLayers: 0);
        profile?.Mark(StepPart.OnlineForward);
        return (Single(representation), Single(projection), parts is null ? null : Single(parts));
    }

    /// <summary>z' of the target network and what it makes of hidden parts, without gradient.</summary>
    internal (Tensor Projection, Tensor? Parts) EncodeTarget(Tensor view, StepProfile? profile = null)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        using var lower = Autocast.Enter(Precision, view.device_type);
        var seen = Options.TargetSizeRatio == 1 ? view : ViewScale.Apply(view, Options.TargetSizeRatio);
        var (_, projection, parts) = _parts is null
            ? Encode(_target, _target.Encoder.SeenByTarget(seen), averagedLayers: 0)
            : Encode(_target, seen, _parts.Objective.AveragedLayers);
        profile?.Mark(StepPart.TargetForward);
        return (Single(projection).MoveToOuterDisposeScope(), parts is null ? null : Single(parts).MoveToOuterDisposeScope());
    }

    /// <summary>What both networks make of the hidden parts of a view, or null where these are not learned from.</summary>
    internal HiddenParts? Hidden(Tensor view, Tensor? online, Tensor? target) => online is null ? null
        : new(online, target!, _parts!.Objective.Norm == PartNorm.Place ? ((PartBackbone)_online.Encoder).PlacesOf(view) : null);

    /// <summary>Shows the projections of all views to a predictor that is computed from them; before <see cref="Predict"/>.</summary>
    internal void Observe(params IReadOnlyList<Tensor> projections)
    {
        if (training && _predictor is DirectPredictor direct)
        {
            direct.Observe(projections, _replicas);
        }
    }

    /// <summary>
    /// One view's part of the loss, and with the variance and covariance terms of its projection what is minimised. A view that has several others
    /// predicts each of them, and its part is their mean (Feichtenhofer et al. 2021, arXiv 2104.14558, equation 3).
    /// </summary>
    /// <param name="projection">z of the view that predicts, with gradient.</param>
    /// <param name="targetsOfOthers">What the target network makes of the other views.</param>
    /// <param name="hidden">What this view hides, where that is learned from.</param>
    internal (Tensor Loss, Tensor Objective, Tensor? PartLoss) Predict(Tensor projection, IReadOnlyList<Tensor> targetsOfOthers, HiddenParts? hidden = null)
    {
        var prediction = PredictionOf(projection);
        var loss = RegressionLoss(prediction, targetsOfOthers[0]).mean();
        for (int i = 1; i < targetsOfOthers.Count; i++)
        {
            loss = loss.add(RegressionLoss(prediction, targetsOfOthers[i]).mean(), Scalars.One);
        }
        if (targetsOfOthers.Count > 1)
        {
            using Scalar share = 1.0 / targetsOfOthers.Count;
            loss = loss.mul(share);
        }
        var objective = WithSpread(loss, projection);
        if (_parts is null || hidden is null)
        {
            return (loss, objective, null);
        }
        var partLoss = PartLossOf(hidden);
        using Scalar weight = _parts.Objective.Weight, wholeWeight = _parts.Objective.WholeWeight;
        var weighted = partLoss * weight;
        return (loss, _parts.Objective.WholeWeight > 0 ? weighted.add(objective, wholeWeight) : weighted, partLoss);
    }

    /// <summary>
    /// Squared distance of the l2-normalised vectors, 2 - 2 cos, in [0, 4] (paper, equation 2); 1 where one vector is zero.
    /// </summary>
    /// <param name="prediction">[N, d].</param>
    /// <param name="target">[N, d].</param>
    /// <returns>[N].</returns>
    public static Tensor RegressionLoss(Tensor prediction, Tensor target) =>
        (L2Normalize(prediction) - L2Normalize(target)).pow(Scalars.Two).sum(dim: -1);

    /// <summary>Training mode; with EMAN the target stays in evaluation mode, where its running statistics normalise.</summary>
    public override void train(bool on = true)
    {
        base.train(on);
        if (Options.TargetBatchNorm == TargetBatchNorm.Eman)
        {
            _target.eval();
        }
    }

    /// <summary>Copies parameters and buffers of the online network into the target, bit for bit.</summary>
    public void CopyOnlineToTarget()
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        var online = _online.state_dict();
        foreach (var (name, value) in _target.state_dict())
        {
            value.copy_(online[name]);
        }
    }

    private Network CreateNetwork(Func<Backbone> createBackbone)
    {
        var encoder = createBackbone();
        return new(encoder, new Mlp(encoder.RepresentationSize, Options.HiddenSize, Options.ProjectionSize, Options.HeadNorm, Options.ProjectionNorm));
    }

    private static nn.Module<Tensor, Tensor> CreatePredictor(ByolOptions options) => options.Predictor switch
    {
        PredictorKind.Mlp => new Mlp(options.ProjectionSize, options.HiddenSize, options.ProjectionSize, options.HeadNorm),
        PredictorKind.None => nn.Identity(),
        var direct => new DirectPredictor(options.ProjectionSize, copies: direct == PredictorKind.DirectCopy),
    };

    /// <summary>A view through one network; parts of it only where they are learned from.</summary>
    private (Tensor Representation, Tensor Projection, Tensor? Parts) Encode(Network network, Tensor view, int averagedLayers)
    {
        if (_parts is null)
        {
            var (y, z) = network.call(view);
            return (y, z, null);
        }
        var (representation, parts) = ((PartBackbone)network.Encoder).EncodeParts(view, seesHidden: network == _target, averagedLayers);
        return (representation, network.Projector.call(representation), parts);
    }

    private Tensor PartLossOf(HiddenParts hidden)
    {
        using var lower = Autocast.Enter(Precision, hidden.Online.device_type);
        var loss = Single(_parts!.Loss(hidden, _replicas));
        if (_replicas.Count == 1)
        {
            return loss;
        }
        // Replicas hide unequal numbers of parts; the mean of their losses is to be the mean over all parts.
        Span<double> parts = [hidden.Online.shape[0]];
        _replicas.Sum(parts);
        using Scalar share = hidden.Online.shape[0] * _replicas.Count / Math.Max(1, parts[0]);
        return loss.mul(share);
    }

    private Tensor PredictionOf(Tensor projection)
    {
        using var lower = Autocast.Enter(Precision, projection.device_type);
        return Single(_predictor.call(projection));
    }

    /// <summary>The loss plus the terms of <see cref="ProjectionSpread"/>, weighted as in VICReg's code: variance averaged, covariance summed over the views.</summary>
    private Tensor WithSpread(Tensor loss, Tensor projection)
    {
        if (Options.VarianceWeight > 0)
        {
            using Scalar half = Options.VarianceWeight / 2;
            loss = loss.add(ProjectionSpread.VarianceOver(projection, _replicas), half);
        }
        if (Options.CovarianceWeight > 0)
        {
            using Scalar weight = Options.CovarianceWeight;
            loss = loss.add(ProjectionSpread.CovarianceOver(projection, _replicas), weight);
        }
        return loss;
    }

    private static Tensor Single(Tensor x) => x.dtype == ScalarType.Float32 ? x : x.to(ScalarType.Float32);

    private static Tensor L2Normalize(Tensor x) => x * x.pow(Scalars.Two).sum(dim: -1, keepdim: true).clamp_min(SmallestSquare).rsqrt();
}
