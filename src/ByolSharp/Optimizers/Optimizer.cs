using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Optimizers;

/// <summary>
/// Updates the parameters of an arena from its gradients. The state lies in flat buffers with the arena's layout, so a
/// checkpoint saves it as it is.
/// </summary>
/// <remarks>In main memory an update and the target's that follows it are one pass over all buffers, block by block; elsewhere tensor operations.</remarks>
public abstract class Optimizer : IDisposable
{
    private readonly ParameterArena _arena;
    private readonly OptimizerOptions _options;
    private readonly Func<ArenaSegment, double> _learningRateScale;
    private readonly List<(string Name, Tensor Value)> _state = [];
    private readonly bool _inMemory;

    private protected Optimizer(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale)
    {
        options.Validate();
        _arena = arena;
        _options = options;
        _inMemory = arena.Values.device.type == DeviceType.CPU && !options.UseTensorOperations;
        MomentumScalar = options.Momentum;
        WeightDecayScalar = options.WeightDecay;
        _learningRateScale = learningRateScale ?? (_ => 1);
    }

    /// <summary>State buffers by name, each with the length of the arena; saved in checkpoints.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> State => _state;

    /// <summary>Steps taken so far; AdamW's bias correction needs it.</summary>
    public long StepCount { get; set; }

    private protected OptimizerOptions Options => _options;

    // TorchSharp does not keep a temporary Scalar alive while native code reads it: every scalar of the hot path has a name and an owner.
    private protected static readonly Scalar One = 1;

    private protected Scalar MomentumScalar { get; }

    private protected Scalar WeightDecayScalar { get; }

    /// <summary>Makes the optimizer that the options name.</summary>
    /// <param name="arena">Parameters with gradients.</param>
    /// <param name="options">Options; validated here.</param>
    /// <param name="learningRateScale">Factor on the learning rate for each parameter; 1 where null.</param>
    public static Optimizer Create(ParameterArena arena, OptimizerOptions options, Func<ArenaSegment, double>? learningRateScale = null) =>
        options.Kind switch
        {
            OptimizerKind.Lars => new Lars(arena, options, learningRateScale),
            OptimizerKind.Sgd => new Sgd(arena, options, learningRateScale),
            _ => new AdamW(arena, options, learningRateScale),
        };

    /// <summary>One update of every trainable parameter, and of the target's average of them (paper, equation 1).</summary>
    /// <param name="learningRate">Before the parameter's own factor.</param>
    /// <param name="target">Arena laid out as the beginning of this one, whose parameters follow; null: none.</param>
    /// <param name="targetUpdateRate">1 - tau, 0 to 1.</param>
    public void Step(double learningRate, ParameterArena? target = null, double targetUpdateRate = 0)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        StepCount++;
        if (_inMemory)
        {
            StepInMemory(learningRate, target, targetUpdateRate);
            return;
        }
        foreach (var segment in _arena.Segments.Where(s => s.Trainable))
        {
            Update(segment, learningRate * _learningRateScale(segment));
        }
        if (target is not null)
        {
            MovingAverage.Update(target, _arena, targetUpdateRate);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        MomentumScalar.Dispose();
        WeightDecayScalar.Dispose();
        foreach (var (_, value) in _state)
        {
            value.Dispose();
        }
    }

    /// <summary>Updates one parameter by tensor operations.</summary>
    private protected abstract void Update(ArenaSegment segment, double learningRate);

    /// <summary>What updates one parameter in main memory, block by block.</summary>
    private protected abstract BlockWork UpdateOf(ArenaSegment segment, double learningRate);

    private protected Tensor AddState(string name)
    {
        var value = zeros_like(_arena.Values).DetachFromDisposeScope();
        _state.Add((name, value));
        return value;
    }

    private protected Tensor Values(ArenaSegment segment) => _arena.Values.narrow(0, segment.Offset, segment.Length);

    private protected Tensor Gradient(ArenaSegment segment) => _arena.Gradients!.narrow(0, segment.Offset, segment.Length);

    private protected FlatMemory ValueMemory => new(_arena.Values);

    private protected FlatMemory GradientMemory => new(_arena.Gradients!);

    /// <summary>Weight decay and trust ratio apply to it.</summary>
    private protected bool IsAdapted(ArenaSegment segment) => !(segment.IsVector && _options.ExcludeVectors);

    private void StepInMemory(double learningRate, ParameterArena? target, double targetUpdateRate)
    {
        long followed = target?.Values.numel() ?? 0;
        BlockWork? follow = target is null ? null : MovingAverage.InMemory(target, _arena, targetUpdateRate);
        foreach (var segment in _arena.Segments)
        {
            BlockWork? update = segment.Trainable ? UpdateOf(segment, learningRate * _learningRateScale(segment)) : null;
            var average = segment.Offset < followed ? follow : null;
            if (update + average is { } work)
            {
                BlockLoop.Run(segment, work);
            }
        }
    }
}
