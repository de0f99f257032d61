using ByolSharp.Optimizers;
using ByolSharp.Training;
using TorchSharp;
using static TorchSharp.torch;
using Linear = TorchSharp.Modules.Linear;

namespace ByolSharp.Evaluation;

/// <summary>
/// An encoder with a linear layer on its representations, trained as a whole by SGD with Nesterov momentum and a cosine schedule to zero without
/// warm-up (paper, C.2 and D.3). Can be brought back to where it began, for the next setting of a grid.
/// </summary>
internal sealed class FineTunedNetwork : IDisposable
{
    private readonly Backbone _encoder;
    private readonly Linear _layer;
    private readonly ParameterArena _arena;
    private readonly Tensor _firstValues;
    private readonly IReadOnlyList<(Tensor Live, Tensor First)> _buffers;

    /// <summary>Takes the encoder's parameters into an arena; they stay the encoder's when this is disposed.</summary>
    public FineTunedNetwork(Backbone encoder, int classCount, long seed)
    {
        _encoder = encoder;
        _layer = nn.Linear(encoder.RepresentationSize, classCount);
        Initialization.Apply(_layer, InitializationScheme.Official, seed, "fc.");
        _layer.to(encoder.Device);
        _arena = ParameterArena.Flatten([("encoder", encoder), ("fc", _layer)], withGradients: true);
        using var gradients = no_grad();
        _firstValues = _arena.Values.clone().DetachFromDisposeScope();
        _buffers = [.. encoder.buffers().Select(b => (b, b.clone().DetachFromDisposeScope()))];
    }

    /// <summary>The linear layer as it is now.</summary>
    public LinearClassifier ClassifierFor(IReadOnlyList<string> classNames)
    {
        using var scope = NewDisposeScope();
        return new([.. _layer.weight!.detach().cpu().data<float>()], [.. _layer.bias!.detach().cpu().data<float>()], classNames);
    }

    /// <summary>Trains from the first weights and statistics; the encoder is in evaluation mode afterwards.</summary>
    /// <returns>The steps done.</returns>
    /// <exception cref="TrainingStoppedException">The loss or a weight is no number.</exception>
    public long Train(IViewSource views, FineTuneSetting setting, FineTuneOptions options, Action<long, long> report, CancellationToken cancellation)
    {
        Reset();
        int batch = Math.Min(options.BatchSize, views.Count);
        double stepsPerEpoch = (double)views.Count / batch;
        long steps = Math.Max(1, setting.Length.ToSteps(stepsPerEpoch));
        var rate = Schedules.WarmupCosine(setting.LearningRate, 0, steps);
        using var optimizer = Optimizer.Create(_arena, new()
        {
            Kind = OptimizerKind.Sgd,
            Momentum = options.Momentum,
            Nesterov = true,
            WeightDecay = setting.WeightDecay / setting.LearningRate,
        });
        using var loader = new DataLoader(views, batch, options.Seed, workers: TorchRuntime.DataThreads);
        SetBatchNorm(options.AdaptBatchNorm ? Math.Min(10 / stepsPerEpoch, BatchNorm.DefaultMomentum) : BatchNorm.DefaultMomentum);
        _encoder.train();
        try
        {
            for (long step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                RequireFinite(double.IsFinite(Advance(loader.Next(), optimizer, rate(step))), step, setting);
                report(step + 1, steps);
                FreedMemory.Return(step);
            }
            RequireFinite(HasFiniteState(), steps - 1, setting);
        }
        finally
        {
            _encoder.eval();
            SetBatchNorm(BatchNorm.DefaultMomentum);
        }
        return steps;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _firstValues.Dispose();
        foreach (var (_, first) in _buffers)
        {
            first.Dispose();
        }
        _layer.Dispose();
        _arena.Dispose();
    }

    private void Reset()
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        _arena.Values.copy_(_firstValues);
        foreach (var (live, first) in _buffers)
        {
            live.copy_(first);
        }
    }

    /// <summary>One step; gives the mean cross-entropy before it. Nothing moves where that is no number.</summary>
    private double Advance(ViewBatch batch, Optimizer optimizer, double learningRate)
    {
        using var scope = NewDisposeScope();
        _arena.ZeroGradients();
        var device = _arena.Values.device;
        var logits = _layer.call(_encoder.call(ChannelsLast.Convert(batch.V1.to(device))));
        var loss = nn.functional.cross_entropy(logits, batch.Labels.to(device));
        double value = loss.item<float>();
        if (double.IsFinite(value))
        {
            loss.backward();
            optimizer.Step(learningRate);
        }
        return value;
    }

    /// <summary>The last step may have spoiled what no later loss shows.</summary>
    private bool HasFiniteState()
    {
        using var scope = NewDisposeScope();
        return _buffers.Select(b => b.Live).Append(_arena.Values).All(t => t.isfinite().all().item<bool>());
    }

    private static void RequireFinite(bool holds, long step, FineTuneSetting setting)
    {
        if (!holds)
        {
            throw new TrainingStoppedException(FormattableString.Invariant(
                $"fine-tuning, step {step}: the loss is not a finite number; lower the learning rate, which is {setting.LearningRate:0.######}."));
        }
    }

    private void SetBatchNorm(double momentum)
    {
        foreach (var norm in _encoder.modules().OfType<BatchNorm>())
        {
            norm.Momentum = momentum;
        }
    }
}
