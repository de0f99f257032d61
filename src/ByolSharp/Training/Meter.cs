using System.Diagnostics;
using ByolSharp.Distributed;

namespace ByolSharp.Training;

/// <summary>Speed and waiting of a stretch of training.</summary>
internal sealed class Meter(int batchSize, long startStep, DataLoader loader, IReplicas replicas)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _waitedBefore = loader.Waited, _metBefore = replicas.Met;

    internal TimeSpan Elapsed => _clock.Elapsed;

    /// <summary>Share of the time that the trainer waited for data.</summary>
    internal double DataWait => Math.Min(1, (loader.Waited - _waitedBefore) / _clock.Elapsed);

    /// <summary>Share of the time spent in meetings of replicas, waiting for the slower ones included.</summary>
    internal double ReplicaShare => Math.Min(1, (replicas.Met - _metBefore) / _clock.Elapsed);

    internal double SamplesPerSecond(long step) => (step - startStep) * batchSize / Math.Max(1e-9, _clock.Elapsed.TotalSeconds);

    /// <summary>Leaves a time that was no training, such as an evaluation, out of the speed.</summary>
    internal void Pause() => _clock.Stop();

    internal void Resume() => _clock.Start();
}
