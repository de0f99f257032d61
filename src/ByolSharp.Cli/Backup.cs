using System.CommandLine;
using System.Runtime.InteropServices;
using ByolSharp.ObjectStorage;
using ByolSharp.Training;

namespace ByolSharp.Cli;

/// <summary>The backup of a training on object storage: fetched before it where the run is not there, sent during it, waited for after it.</summary>
internal sealed class Backup : IDisposable
{
    internal static readonly Option<string?> Place = new("--backup") { Description = "Keep the newest checkpoints on object storage too; --resume goes on from there where RUN is gone.", HelpName = "s3://BUCKET/PREFIX" };

    private readonly ObjectStore _store;
    private readonly Terminal _terminal;
    private RunBackup? _backup;

    private Backup(ObjectStore store, Terminal terminal) => (_store, _terminal) = (store, terminal);

    /// <summary>Steps of the newest checkpoint that is stored, or null.</summary>
    internal long? Step => _backup?.Step;

    /// <summary>What the arguments ask for; null for no backup.</summary>
    internal static Backup? Open(ParseResult arguments, Terminal terminal) =>
        arguments.GetValue(Place) is { } place ? new(ObjectStore.Open(ObjectPlace.Parse(place)), terminal) : null;

    /// <summary>Fetches the run where there is none.</summary>
    internal void Restore(string run, CancellationToken cancellation)
    {
        if (!File.Exists(Path.Combine(run, "config.json")))
        {
            _ = _terminal.Count($"{_store.Place}, MB", progress =>
                BackupRestore.RestoreAsync(_store, run, _terminal.Line, new Megabytes(progress), cancellation).GetAwaiter().GetResult());
        }
    }

    /// <summary>Opens the place, so that what is wrong with it is told before the training.</summary>
    internal void Begin(RunDirectory run, ExistingRun existing, CancellationToken cancellation) =>
        _backup = RunBackup.OpenAsync(_store, run, existing, cancellation).GetAwaiter().GetResult();

    /// <summary>Sends what is saved from now on.</summary>
    internal ITrainingObserver Observe(ITrainingObserver next) => new Sender(_backup!, next);

    /// <summary>Waits for the last upload; a signal gives it up.</summary>
    internal void Finish()
    {
        using var giveUp = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, GiveUp);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, GiveUp);
        bool isStored = _terminal.Count($"backup to {_store.Place} (Ctrl-C gives it up), MB", progress =>
            _backup!.FinishAsync(new Megabytes(progress), giveUp.Token).GetAwaiter().GetResult());
        foreach (string message in _backup!.TakeMessages())
        {
            _terminal.Line(message);
        }
        _terminal.Line(isStored ? $"backup: {_store.Place}, step {Step:N0}" : $"the backup at {_store.Place} is not complete ({(Step is { } step ? $"newest: step {step:N0}" : "it has no checkpoint")}); --resume tries again.");

        void GiveUp(PosixSignalContext signal)
        {
            signal.Cancel = true;
            giveUp.Cancel();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _backup?.Dispose();
        _store.Dispose();
    }

    /// <summary>Passes everything on, and checkpoints to the backup.</summary>
    private sealed class Sender(RunBackup backup, ITrainingObserver next) : ITrainingObserver
    {
        public void OnStep(TrainProgress progress)
        {
            next.OnStep(progress);
            foreach (string message in backup.TakeMessages())
            {
                next.OnMessage(message);
            }
        }

        public void OnMessage(string message) => next.OnMessage(message);

        public void OnCheckpoint(string folder, long step)
        {
            backup.Add(folder, step);
            next.OnCheckpoint(folder, step);
        }
    }
}
