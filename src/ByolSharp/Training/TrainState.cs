using System.Runtime.InteropServices;
using ByolSharp.Distributed;
using ByolSharp.Optimizers;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>Numbers of one step.</summary>
/// <param name="Loss">BYOL loss, mean over the batch, 0 to 4 a view.</param>
/// <param name="ClassifierLoss">Cross entropy of the online classifier, or null without labels.</param>
/// <param name="ClassifierTop1">Its accuracy on the step's first views, 0 to 1, or null.</param>
/// <param name="GradientNorm">l2 norm of all gradients.</param>
/// <param name="PartLoss">Loss of the hidden parts, mean over the views, or null where none are learned from.</param>
public sealed record StepResult(double Loss, double? ClassifierLoss, double? ClassifierTop1, double GradientNorm, double? PartLoss = null);

/// <summary>
/// Everything that a training step reads and writes: both networks, the predictor, the online classifier, the optimizer's state,
/// the random state and the step number. A checkpoint holds exactly this.
/// </summary>
public sealed class TrainState : IDisposable
{
    private readonly ParameterArena _online;
    private readonly ParameterArena _target;
    private readonly Optimizer _optimizer;
    private readonly Device _device;
    private readonly SecondLane? _lane;
    private readonly BatchNorm[] _norms;
    private readonly IReplicas _replicas;
    private readonly GradientExchange? _exchange;

    /// <summary>Takes the model over; its parameters move into flat arenas.</summary>
    /// <param name="byol">The model, on the CPU.</param>
    /// <param name="classifier">Classifier on the stopped-gradient representation, or null.</param>
    /// <param name="options">Options of the optimizer.</param>
    /// <param name="device">Where to train; null for the CPU.</param>
    /// <param name="laneThreads">
    /// Above 0 two views are computed at the same time, each with this many threads; for networks whose only state is that of
    /// <see cref="BatchNorm"/>. 0, and more than two views: one after the other.
    /// </param>
    public TrainState(Byol byol, OnlineClassifier? classifier, OptimizerOptions options, Device? device = null, int laneThreads = 0)
        : this(byol, classifier, options, device, laneThreads, SingleReplica.Instance, new()) { }

    /// <summary>A state that several replicas advance together; <see cref="Share"/> makes it the same on all.</summary>
    internal TrainState(
        Byol byol, OnlineClassifier? classifier, OptimizerOptions options, Device? device, int laneThreads, IReplicas replicas, ReplicaOptions joined)
    {
        byol.Join(replicas, joined.SyncBatchNorm);
        _replicas = replicas;
        Byol = byol;
        Classifier = classifier;
        _device = device ?? CPU;
        byol.to(_device);
        classifier?.to(_device);
        var modules = new List<(string, nn.Module)> { ("online", byol.Online), ("predictor", byol.Predictor) };
        if (byol.Parts is not null)
        {
            modules.Add(("parts", byol.Parts));
        }
        if (classifier is not null)
        {
            modules.Add(("classifier", classifier));
        }
        _online = ParameterArena.Flatten(modules, withGradients: true);
        _target = ParameterArena.Flatten([("target", byol.Target)], withGradients: false);
        _optimizer = Optimizer.Create(_online, options, segment =>
            segment.Name.StartsWith("predictor.", StringComparison.Ordinal) ? byol.Options.PredictorLearningRateScale : 1);
        _lane = laneThreads > 0 ? new(laneThreads) : null;
        _exchange = joined.OverlapGradients && _device.type == DeviceType.CPU && replicas is IBackgroundSums { CanSumInBackground: true }
            ? new(byol, _online, replicas, joined.BucketKilobytes)
            : null;
        _norms = [.. byol.modules().OfType<BatchNorm>()];
    }

    /// <summary>The model.</summary>
    public Byol Byol { get; }

    /// <summary>The online classifier, where there are labels.</summary>
    public OnlineClassifier? Classifier { get; }

    /// <summary>Where the networks are.</summary>
    public Device Device => _device;

    /// <summary>Steps done.</summary>
    public long Step { get; private set; }

    /// <summary>Parameters and gradients of the online network, the predictor and the classifier.</summary>
    public ParameterArena OnlineArena => _online;

    /// <summary>Parameters of the target network.</summary>
    public ParameterArena TargetArena => _target;

    /// <summary>The optimizer and its state.</summary>
    public Optimizer Optimizer => _optimizer;

    /// <summary>Online projections of the last micro-batch, for the health metrics; valid until the next step.</summary>
    public (Tensor Z1, Tensor Z2)? LastProjections { get; private set; }

    /// <summary>Told where the time of each step goes; null (the default) measures nothing.</summary>
    public StepProfile? Profile { get; set; }

    /// <summary>
    /// One step of algorithm 1: loss and gradients over the batch (in equal parts where accumulation is asked for), one optimizer
    /// step, then one target update.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="learningRate">Learning rate of this step.</param>
    /// <param name="targetUpdateRate">1 - tau of this step.</param>
    /// <param name="accumulationSteps">Number of equal parts; batch norm sees one part at a time.</param>
    /// <param name="sizeRatio">Share of their side at which the networks see the views; 1: as they are.</param>
    /// <exception cref="TrainingStoppedException">Loss or gradient is not finite; nothing was updated.</exception>
    public StepResult Advance(ViewBatch batch, double learningRate, double targetUpdateRate, int accumulationSteps = 1, double sizeRatio = 1)
    {
        using var scope = NewDisposeScope();
        ForgetProjections();
        _online.ZeroGradients();
        long part = batch.V1.shape[0] / accumulationSteps;
        double loss = 0, classifierLoss = 0, classifierTop1 = 0, partLoss = 0;
        for (int i = 0; i < accumulationSteps; i++)
        {
            var numbers = Backward(batch, i * part, part, accumulationSteps, sizeRatio, isLast: i + 1 == accumulationSteps);
            loss += numbers.Loss / accumulationSteps;
            classifierLoss += numbers.ClassifierLoss / accumulationSteps;
            classifierTop1 += numbers.ClassifierTop1 / accumulationSteps;
            partLoss += numbers.PartLoss / batch.Views.Count / accumulationSteps;
        }
        if (_replicas.Count > 1)
        {
            Span<double> sums = [loss, classifierLoss, classifierTop1, partLoss];
            _replicas.Sum(sums);
            double count = _replicas.Count;
            (loss, classifierLoss, classifierTop1, partLoss) = (sums[0] / count, sums[1] / count, sums[2] / count, sums[3] / count);
            SumGradients();
            Profile?.Mark(StepPart.Backward);
        }
        double gradientNorm = _online.Gradients!.norm().item<float>();
        if (!double.IsFinite(loss) || !double.IsFinite(gradientNorm))
        {
            string mend = Step == 0
                ? "the initial weights or the samples hold values that are not numbers or too large; a backbone of your own must set all its weights."
                : "lower optimizer.baseLearningRate and resume from the last checkpoint.";
            throw new TrainingStoppedException($"step {Step}: the {(double.IsFinite(loss) ? "gradient" : "loss")} is not a finite number; {mend}");
        }
        _optimizer.Step(learningRate, _target, targetUpdateRate);
        if (Byol.Options.TargetBatchNorm == TargetBatchNorm.Eman)
        {
            MovingAverage.UpdateStatistics(Byol, targetUpdateRate);
        }
        Profile?.Mark(StepPart.Optimizer);
        Step++;
        return new(loss, Classifier is null ? null : classifierLoss, Classifier is null ? null : classifierTop1, gradientNorm, Byol.Parts is null ? null : partLoss);
    }

    /// <summary>What the online network, in the mode that it is in, makes of the first samples of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="number">0 for first views, 1 for second ones.</param>
    /// <param name="count">Samples.</param>
    internal (Tensor Representation, Tensor Projection) Represent(ViewBatch batch, int number, long count) =>
        Byol.Online.call(Prepare(batch, number, 0, count, sizeRatio: 1));

    /// <summary>Parameters, buffers, optimizer state and random state by checkpoint key. The tensors are the live ones.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedTensors()
    {
        foreach (var (name, value) in Byol.state_dict())
        {
            yield return (name, value);
        }
        foreach (var (name, value) in Classifier?.state_dict() ?? [])
        {
            yield return ($"classifier.{name}", value);
        }
        foreach (var (name, value) in _optimizer.State)
        {
            yield return ($"optimizer.{name}", value);
        }
    }

    /// <summary>Copies saved values into this state.</summary>
    /// <param name="tensors">Values by checkpoint key; each key of <see cref="NamedTensors"/> must be there with its shape.</param>
    /// <param name="step">Steps that were done.</param>
    /// <exception cref="StorageException">A key is missing or has another shape.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> tensors, long step)
    {
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        foreach (var (name, value) in NamedTensors())
        {
            if (!tensors.TryGetValue(name, out var saved) || !saved.shape.SequenceEqual(value.shape))
            {
                string found = saved is null ? "nothing" : $"[{string.Join(", ", saved.shape)}]";
                throw new StorageException(
                    $"the checkpoint holds {found} for {name} where [{string.Join(", ", value.shape)}] is needed; was it written with other options?");
            }
            value.copy_(saved);
        }
        Step = step;
        _optimizer.StepCount = step;
    }

    /// <summary>Makes the state that of the first replica, on all of them.</summary>
    internal void Share()
    {
        if (_replicas.Count == 1)
        {
            return;
        }
        using var scope = NewDisposeScope();
        foreach (var (_, value) in NamedTensors())
        {
            _replicas.Broadcast(value);
        }
        var random = get_rng_state();
        _replicas.Broadcast(random);
        set_rng_state(random);
        Span<long> step = [Step];
        _replicas.Broadcast(MemoryMarshal.AsBytes(step));
        (Step, _optimizer.StepCount) = (step[0], step[0]);
    }

    /// <summary>Online projections of the last micro-batch over all replicas, in the batch's order; the caller's dispose scope holds what is made for them.</summary>
    internal (Tensor Z1, Tensor Z2) GatherProjections()
    {
        var (z1, z2) = LastProjections!.Value;
        return (_replicas.Gather(z1), _replicas.Gather(z2));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ForgetProjections();
        _exchange?.Dispose();
        _lane?.Dispose();
        _optimizer.Dispose();
        Byol.Dispose();
        Classifier?.Dispose();
        _online.Dispose();
        _target.Dispose();
    }

    private StepNumbers Backward(ViewBatch batch, long start, long length, int parts, double sizeRatio, bool isLast)
    {
        using var scope = NewDisposeScope();
        Tensor[] views = [.. Enumerable.Range(0, batch.Views.Count).Select(number => Prepare(batch, number, start, length, sizeRatio))];
        var labels = batch.Labels.narrow(0, start, length).to(_device, non_blocking: true);
        Profile?.Mark(StepPart.Layout);
        return _lane is not null && views.Length == 2 ? BackwardInTwoLanes(_lane, views[0], views[1], labels, parts, start == 0)
            : Byol.ObservesAllViews ? BackwardAfterAll(views, labels, parts, start == 0, isLast)
            : BackwardOneByOne(views, labels, parts, start == 0, isLast);
    }

    /// <summary>The two views at once.</summary>
    private StepNumbers BackwardInTwoLanes(SecondLane lane, Tensor v1, Tensor v2, Tensor labels, int parts, bool isFirst)
    {
        var (first, second) = Together(lane, () => Byol.Encode(v1, Profile), () => Byol.Encode(v2));
        using (first)
        using (second)
        {
            Byol.Observe(first.Projection, second.Projection);
            var (numbers1, numbers2) = Together(lane,
                () => Backward(first.Representation, first.Projection, [second.TargetProjection], first.Parts, labels, parts),
                () => Backward(second.Representation, second.Projection, [first.TargetProjection], second.Parts, null, parts));
            Array.ForEach(_norms, norm => norm.TakeAside());
            Profile?.Mark(StepPart.Backward);
            Remember(isFirst, first.Projection, second.Projection);
            return numbers1 + numbers2;
        }
    }

    /// <summary>All views are encoded before the first is predicted, so that all are in memory.</summary>
    private StepNumbers BackwardAfterAll(Tensor[] views, Tensor labels, int parts, bool isFirst, bool isLast)
    {
        var encoded = new EncodedView[views.Length];
        for (int i = 0; i < views.Length; i++)
        {
            ExpectLastBackward(isLast && i + 1 == views.Length);
            encoded[i] = Byol.Encode(views[i], Profile);
        }
        Byol.Observe([.. encoded.Select(view => view.Projection)]);
        var sum = new StepNumbers();
        for (int i = 0; i < encoded.Length; i++)
        {
            Tensor[] others = [.. encoded.Where(view => view != encoded[i]).Select(view => view.TargetProjection)];
            sum += Backward(encoded[i].Representation, encoded[i].Projection, others, encoded[i].Parts, i == 0 ? labels : null, parts);
        }
        Profile?.Mark(StepPart.Backward);
        Remember(isFirst, encoded[0].Projection, encoded[1].Projection);
        return sum;
    }

    /// <summary>What a view needs for its gradients is gone before the next one is computed: the memory is that of one view, however many there are.</summary>
    private StepNumbers BackwardOneByOne(Tensor[] views, Tensor labels, int parts, bool isFirst, bool isLast)
    {
        var targets = Array.ConvertAll(views, view => Byol.EncodeTarget(view, Profile));
        var projections = new Tensor[views.Length];
        var sum = new StepNumbers();
        for (int i = 0; i < views.Length; i++)
        {
            using var scope = NewDisposeScope();
            ExpectLastBackward(isLast && i + 1 == views.Length);
            var (representation, projection, hidden) = Byol.EncodeOnline(views[i], Profile);
            Tensor[] others = [.. targets.Where((_, j) => j != i).Select(target => target.Projection)];
            sum += Backward(representation, projection, others, Byol.Hidden(views[i], hidden, targets[i].Parts), i == 0 ? labels : null, parts);
            projections[i] = projection.detach().MoveToOuterDisposeScope();
            Profile?.Mark(StepPart.Backward);
        }
        Remember(isFirst, projections[0], projections[1]);
        return sum;
    }

    /// <summary>One view's part of the loss, and the online classifier where labels are given.</summary>
    private StepNumbers Backward(Tensor representation, Tensor projection, Tensor[] targetsOfOthers, HiddenParts? hidden, Tensor? labels, int parts)
    {
        using var scope = NewDisposeScope();
        var (loss, objective, partLoss) = Byol.Predict(projection, targetsOfOthers, hidden);
        var classified = labels is null ? null : Classifier?.Classify(representation.detach(), labels, _replicas);
        var total = classified is null ? objective : objective.add(classified.Loss, Scalars.One);
        using Scalar share = 1.0 / (parts * _replicas.Count);
        (parts * _replicas.Count == 1 ? total : total * share).backward();
        return new(loss.item<float>(), classified?.Loss.item<float>() ?? 0, classified?.Top1 ?? 0, partLoss?.item<float>() ?? 0);
    }

    private void ExpectLastBackward(bool isIt)
    {
        if (isIt)
        {
            _exchange?.ExpectLastBackward();
        }
    }

    private void SumGradients()
    {
        if (_exchange is null)
        {
            _replicas.Sum(_online.Gradients!);
        }
        else
        {
            _exchange.Finish();
        }
    }

    private void Remember(bool isFirst, Tensor z1, Tensor z2)
    {
        if (isFirst)
        {
            LastProjections = (z1.detach().DetachFromDisposeScope(), z2.detach().DetachFromDisposeScope());
        }
    }

    /// <summary>The work of two views at once, with half of the threads each.</summary>
    private static (T, T) Together<T>(SecondLane lane, Func<T> first, Func<T> second)
    {
        int threads = get_num_threads();
        set_num_threads(lane.Threads);
        try
        {
            return lane.Run(first, second);
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    /// <summary>Views on their device, finished. A copy from pinned memory goes on by itself; the loss, which is read in each step, is later than it.</summary>
    private Tensor Prepare(ViewBatch batch, int number, long start, long length, double sizeRatio)
    {
        var views = batch.Views[number].narrow(0, start, length).to(_device, non_blocking: true);
        var finished = ChannelsLast.Convert(batch.Finish?.Invoke(views, number, start) ?? views);
        return sizeRatio == 1 ? finished : ViewScale.Apply(finished, sizeRatio);
    }

    private void ForgetProjections()
    {
        LastProjections?.Z1.Dispose();
        LastProjections?.Z2.Dispose();
        LastProjections = null;
    }

    /// <summary>Sums over the views of a part of the batch.</summary>
    private readonly record struct StepNumbers(double Loss, double ClassifierLoss, double ClassifierTop1, double PartLoss)
    {
        public static StepNumbers operator +(StepNumbers a, StepNumbers b) =>
            new(a.Loss + b.Loss, a.ClassifierLoss + b.ClassifierLoss, a.ClassifierTop1 + b.ClassifierTop1, a.PartLoss + b.PartLoss);
    }
}
