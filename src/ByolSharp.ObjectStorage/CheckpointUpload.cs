using ByolSharp.Training;

namespace ByolSharp.ObjectStorage;

/// <summary>A checkpoint as it was when it was saved: its files are open, so that renaming and deleting them changes nothing.</summary>
internal sealed class CheckpointUpload : IDisposable
{
    private readonly FileStream _state;
    private readonly byte[] _manifest, _config, _metrics;

    /// <summary>Opens the checkpoint that was just saved.</summary>
    /// <param name="run">The run directory.</param>
    /// <param name="folder">The checkpoint's folder.</param>
    /// <param name="step">Steps done.</param>
    internal CheckpointUpload(RunDirectory run, string folder, long step)
    {
        _manifest = File.ReadAllBytes(Path.Combine(folder, CheckpointStore.ManifestFile));
        Step = step;
        Kind = Path.GetFileName(folder) == BackupFolder.Best ? BackupFolder.Best : BackupFolder.Step;
        _config = File.ReadAllBytes(run.Config);
        _metrics = File.Exists(run.Metrics) ? ReadShared(run.Metrics) : [];
        _state = new FileStream(Path.Combine(folder, CheckpointStore.StateFile), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Steps done.</summary>
    internal long Step { get; }

    /// <summary>"step" or "best".</summary>
    internal string Kind { get; }

    /// <summary>Bytes to send.</summary>
    internal long Length => _state.Length;

    /// <summary>Sends everything, the manifest last: a checkpoint that has one is whole.</summary>
    internal async Task Send(ObjectStore store, Action<long> onSent, CancellationToken cancellation)
    {
        string KeyOf(string name) => BackupFolder.KeyOf(store.Place, Kind, Step, name);
        await Send(store, store.Place.KeyOf(BackupFolder.Config), _config, cancellation);
        await Send(store, KeyOf(BackupFolder.Metrics), _metrics, cancellation);
        await store.Write(KeyOf(CheckpointStore.StateFile), _state, onSent, cancellation);
        await Send(store, KeyOf(CheckpointStore.ManifestFile), _manifest, cancellation);
    }

    /// <inheritdoc />
    public void Dispose() => _state.Dispose();

    private static async Task Send(ObjectStore store, string key, byte[] bytes, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(bytes);
        await store.Write(key, stream, _ => { }, cancellation);
    }

    /// <summary>Reads a file that the training goes on writing.</summary>
    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var copy = new MemoryStream();
        file.CopyTo(copy);
        return copy.ToArray();
    }
}
