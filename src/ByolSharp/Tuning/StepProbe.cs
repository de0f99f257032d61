using System.Runtime.InteropServices;
using ByolSharp.Training;
using TorchSharp;

namespace ByolSharp.Tuning;

/// <summary>What a training step of some batch size took.</summary>
/// <param name="Fits">False where memory ran out.</param>
/// <param name="PeakMemory">Bytes that the process grew by at most; 0 where that cannot be told (GPUs).</param>
/// <param name="Seconds">Of one step.</param>
internal readonly record struct ProbedStep(bool Fits, long PeakMemory, double Seconds);

/// <summary>Tries batch sizes.</summary>
internal interface IStepProbe
{
    /// <summary>Bytes that a training may take on this machine, or 0 where that cannot be told.</summary>
    long AvailableMemory { get; }

    /// <summary>Takes a few steps.</summary>
    ProbedStep Try(int batchSize);
}

/// <summary>Tries batch sizes on a model that is thrown away.</summary>
internal sealed class StepProbe : IStepProbe, IDisposable
{
    private readonly Pretraining _pretraining;
    private readonly bool _isCpu;
    private readonly long _before;
    private readonly CancellationToken _cancellation;

    internal StepProbe(RunOptions options, CancellationToken cancellation)
    {
        options.Validate();
        TorchRuntime.Initialize(options.Trainer.Threads);
        _cancellation = cancellation;
        _pretraining = new(options, null, null, new SilentObserver());
        _isCpu = torch.device(options.Device).type == DeviceType.CPU;
        _before = Environment.WorkingSet;
        AvailableMemory = _isCpu ? WithoutCache(Tuning.AvailableMemory.Bytes(), options.Data) : 0;
    }

    /// <inheritdoc />
    public long AvailableMemory { get; }

    /// <summary>Samples of the data.</summary>
    internal int Count => _pretraining.Domain.Views.Count;

    /// <inheritdoc />
    public ProbedStep Try(int batchSize)
    {
        var options = _pretraining.Domain.Options with { Trainer = _pretraining.Domain.Options.Trainer with { BatchSize = batchSize } };
        using var peak = new PeakMemory();
        try
        {
            using var trial = new TrialSteps(_pretraining.CreateState(options), _pretraining.Domain.Views, options);
            double seconds = trial.Run(TimeSpan.Zero, _cancellation);
            _cancellation.ThrowIfCancellationRequested();
            return new(true, _isCpu ? Math.Max(1, peak.Bytes - _before) : 0, seconds);
        }
        catch (Exception full) when (full is OutOfMemoryException || full is ExternalException && full.Message.Contains("memory", StringComparison.OrdinalIgnoreCase))
        {
            return new(false, 0, 0);
        }
        finally
        {
            GC.Collect();
            FreedMemory.Return(0);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _pretraining.Dispose();

    /// <summary>Decoded samples will fill their cache during training, but no more than half of the memory counts as theirs.</summary>
    private long WithoutCache(long bytes, DataOptions options) =>
        _pretraining.Domain.Decode is null ? bytes : bytes - Math.Min(options.CacheMegabytes * (1L << 20), bytes / 2);

    /// <summary>Watches the memory of the process.</summary>
    private sealed class PeakMemory : IDisposable
    {
        private const int Interval = 2;
        private readonly Thread _watcher;
        private volatile bool _done;
        private long _bytes;

        internal PeakMemory()
        {
            _watcher = new Thread(Watch) { IsBackground = true };
            _watcher.Start();
        }

        internal long Bytes => Math.Max(Interlocked.Read(ref _bytes), Environment.WorkingSet);

        public void Dispose()
        {
            _done = true;
            _watcher.Join();
        }

        private void Watch()
        {
            while (!_done)
            {
                Interlocked.Exchange(ref _bytes, Math.Max(_bytes, Environment.WorkingSet));
                Thread.Sleep(Interval);
            }
        }
    }
}
