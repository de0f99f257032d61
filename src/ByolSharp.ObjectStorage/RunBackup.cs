using ByolSharp.Training;

namespace ByolSharp.ObjectStorage;

/// <summary>
/// Sends the checkpoints of a run to object storage while it trains. One travels at a time; where newer ones come meanwhile, the newest of them goes next.
/// A checkpoint that cannot be sent costs a message, never the training.
/// </summary>
public sealed class RunBackup : IDisposable
{
    private const int Tries = 5;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(200);
    private readonly ObjectStore _store;
    private readonly RunDirectory _run;
    private readonly Dictionary<string, CheckpointUpload> _waiting = [];
    private readonly Queue<string> _messages = [];
    private readonly CancellationTokenSource _given = new();
    private Task _sending = Task.CompletedTask;
    private bool _isSending;
    private string? _failed; // why the last thing sent is not stored
    private long _sent, _total;

    private RunBackup(ObjectStore store, RunDirectory run) => (_store, _run) = (store, run);

    /// <summary>Steps of the newest checkpoint that is stored whole, or null while there is none.</summary>
    public long? Step { get; private set; }

    /// <summary>Opens the backup of a run, which is then kept at the store's place.</summary>
    /// <param name="store">The place; it stays the caller's.</param>
    /// <param name="run">The run directory.</param>
    /// <param name="existing">What to do where the place already holds a backup.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ConfigurationException">It holds one and <paramref name="existing"/> refuses, or the storage refuses the credentials.</exception>
    /// <exception cref="UnusableDataException">There is no such bucket.</exception>
    /// <exception cref="StorageException">The storage cannot be reached.</exception>
    public static async Task<RunBackup> OpenAsync(ObjectStore store, RunDirectory run, ExistingRun existing, CancellationToken cancellation = default)
    {
        bool isThere = (await BackupFolder.Whole(store, BackupFolder.Step, cancellation)).Length > 0;
        if (isThere && existing == ExistingRun.Refuse)
        {
            throw new ConfigurationException($"{store.Place} already holds a backup; add --resume to go on with it, --overwrite to delete it, or choose another --backup.");
        }
        if (existing == ExistingRun.Overwrite)
        {
            await BackupFolder.Clear(store, cancellation);
        }
        return new(store, run);
    }

    /// <summary>Takes a checkpoint that was just saved, and returns at once.</summary>
    /// <param name="folder">The folder of the checkpoint.</param>
    /// <param name="step">Steps done.</param>
    public void Add(string folder, long step)
    {
        CheckpointUpload upload;
        try
        {
            upload = new CheckpointUpload(_run, folder, step);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            Say($"cannot read the checkpoint in {folder} for the backup: {unreadable.Message}");
            return;
        }
        lock (_waiting)
        {
            if (_waiting.Remove(upload.Kind, out var older))
            {
                older.Dispose();
            }
            _waiting[upload.Kind] = upload;
            if (!_isSending)
            {
                _isSending = true;
                _sending = Task.Run(SendAll);
            }
        }
    }

    /// <summary>What there is to tell since the last call.</summary>
    public IReadOnlyList<string> TakeMessages()
    {
        lock (_messages)
        {
            string[] taken = [.. _messages];
            _messages.Clear();
            return taken;
        }
    }

    /// <summary>Waits for what still travels, then stores config.json and encoder.safetensors as they are now.</summary>
    /// <param name="progress">Told bytes sent and bytes in all; null: nobody.</param>
    /// <param name="cancellation">Gives up; what is stored whole stays.</param>
    /// <returns>True where everything is stored; otherwise a message says why not.</returns>
    public async Task<bool> FinishAsync(IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellation = default)
    {
        using var giving = cancellation.Register(_given.Cancel);
        while (await Task.WhenAny(_sending, Task.Delay(Glance, CancellationToken.None)) != _sending)
        {
            progress?.Report((Interlocked.Read(ref _sent), Interlocked.Read(ref _total)));
        }
        bool isWhole = _failed is null;
        return await TrySend("the end of the run", async token =>
        {
            foreach (string path in ((string[])[_run.Config, _run.Encoder]).Where(File.Exists))
            {
                await using var file = File.OpenRead(path);
                await _store.Write(_store.Place.KeyOf(Path.GetFileName(path)), file, _ => { }, token);
            }
        }, () => false) && isWhole;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _given.Cancel();
        _sending.Wait();
        foreach (var upload in _waiting.Values)
        {
            upload.Dispose();
        }
        _given.Dispose();
    }

    private async Task SendAll()
    {
        while (Next() is { } upload)
        {
            using (upload)
            {
                await Send(upload);
            }
        }
    }

    /// <summary>The best one first: the manifest of the other may name it.</summary>
    private CheckpointUpload? Next()
    {
        lock (_waiting)
        {
            _isSending = !_given.IsCancellationRequested && _waiting.Count > 0;
            if (!_isSending)
            {
                return null;
            }
            string kind = _waiting.ContainsKey(BackupFolder.Best) ? BackupFolder.Best : BackupFolder.Step;
            _waiting.Remove(kind, out var upload);
            return upload;
        }
    }

    private async Task Send(CheckpointUpload upload)
    {
        (_sent, _total) = (0, upload.Length);
        bool isSent = await TrySend($"the checkpoint of step {upload.Step:N0}", async token =>
        {
            await upload.Send(_store, bytes => Interlocked.Exchange(ref _sent, bytes), token);
            await BackupFolder.Prune(_store, upload.Kind, upload.Step, token);
        }, () => IsOutdated(upload));
        if (isSent && upload.Kind == BackupFolder.Step)
        {
            Step = upload.Step;
        }
    }

    /// <summary>True where a newer checkpoint waits: no use in trying this one again.</summary>
    private bool IsOutdated(CheckpointUpload upload)
    {
        lock (_waiting)
        {
            return _waiting.ContainsKey(upload.Kind);
        }
    }

    private async Task<bool> TrySend(string what, Func<CancellationToken, Task> send, Func<bool> isOutdated)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                await send(_given.Token);
                _failed = null;
                return true;
            }
            catch (OperationCanceledException)
            {
                _failed = "it was given up";
            }
            catch (Exception failure) // whatever it is, the training goes on
            {
                _failed = failure is ByolException ? failure.Message : $"{failure.GetType().Name}: {failure.Message.ReplaceLineEndings(" ")}";
            }
            if (isOutdated())
            {
                return false;
            }
            if (tries == Tries || _given.IsCancellationRequested)
            {
                Say($"{what} is not backed up: {_failed}");
                return false;
            }
            await Task.Delay(TimeSpan.FromSeconds(1 << (tries - 1)), _given.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private void Say(string message)
    {
        lock (_messages)
        {
            _messages.Enqueue(message);
        }
    }
}
