using ByolSharp.Distributed;
using TorchSharp;

namespace ByolSharp.Training;

/// <summary>Training steps at learning rate 0 on a model that is thrown away, to see how fast they are.</summary>
internal sealed class TrialSteps : IDisposable
{
    private readonly TrainState _state;
    private readonly DataLoader _loader;
    private readonly int _accumulationSteps;
    private readonly IReplicas _replicas;

    /// <summary>Takes the state over, starts the data threads and does the first step, which allocates and is slow.</summary>
    internal TrialSteps(TrainState state, IViewSource views, RunOptions options, IReplicas? replicas = null)
    {
        (_state, _replicas) = (state, replicas ?? SingleReplica.Instance);
        _accumulationSteps = options.Trainer.AccumulationSteps;
        _loader = new(
            views, options.Trainer.BatchSize, options.Seed, 0, options.Data.Workers, options.Data.Prefetch, state.Device.type == DeviceType.CUDA,
            BatchPart.Of(_replicas, options.Trainer));
        Step();
    }

    /// <summary>The state that steps; its last projections are at hand.</summary>
    internal TrainState State => _state;

    /// <summary>Steps until the time is over, at least twice; gives the seconds that one took.</summary>
    internal double Run(TimeSpan time, CancellationToken cancellation, Action? afterStep = null)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        int steps = 0;
        _state.Profile?.Skip();
        while (!_replicas.Any((steps >= 2 && clock.Elapsed >= time) || cancellation.IsCancellationRequested))
        {
            Step();
            afterStep?.Invoke();
            steps++;
        }
        return clock.Elapsed.TotalSeconds / Math.Max(1, steps);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _loader.Dispose();
        _state.Dispose();
    }

    private void Step()
    {
        var batch = _loader.Next();
        _state.Profile?.Mark(StepPart.Wait);
        _state.Advance(batch, 0, 0, _accumulationSteps);
    }
}
