using ByolSharp.Training;

namespace ByolSharp.ObjectStorage;

/// <summary>Brings the newest whole backup of a run back into an empty run directory.</summary>
public static class BackupRestore
{
    /// <summary>Fetches the newest checkpoint that is whole, the best one that it names, metrics.jsonl and, last, config.json, with which the run counts as there.</summary>
    /// <param name="store">The place of the backup.</param>
    /// <param name="run">The run directory.</param>
    /// <param name="say">Told what was fetched and what was passed over.</param>
    /// <param name="progress">Told bytes fetched and bytes in all; null: nobody.</param>
    /// <param name="cancellation">Stops; the next call goes on.</param>
    /// <returns>The steps of the checkpoint, or null where there is no backup.</returns>
    /// <exception cref="StorageException">No checkpoint of the backup is whole, or the storage cannot be reached.</exception>
    public static async Task<long?> RestoreAsync(
        ObjectStore store, string run, Action<string> say, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellation = default)
    {
        long[] steps = await BackupFolder.Whole(store, BackupFolder.Step, cancellation);
        if (steps.Length == 0)
        {
            return null;
        }
        string checkpoints = Path.Combine(run, "checkpoints"), aside = Path.Combine(checkpoints, "restored.partial");
        var fetch = new Fetching(store, Path.Combine(aside, "parts"), progress);
        foreach (long step in steps)
        {
            if (await fetch.Checkpoint(BackupFolder.Step, step, Path.Combine(aside, "last"), cancellation) is not { } manifest)
            {
                say($"the backup of step {step:N0} at {store.Place} is damaged; using the one before.");
                continue;
            }
            if (manifest.Best is { } best && await fetch.Checkpoint(BackupFolder.Best, best.Step, Path.Combine(aside, "best"), cancellation) is not null)
            {
                Put(Path.Combine(aside, "best"), Path.Combine(checkpoints, "best"));
            }
            else if (manifest.Best is not null)
            {
                say($"the best checkpoint (step {manifest.Best.Step:N0}) is not in the backup at {store.Place}; its score is kept.");
            }
            Put(Path.Combine(aside, "last"), Path.Combine(checkpoints, "last"));
            await fetch.File(BackupFolder.KeyOf(store.Place, BackupFolder.Step, step, BackupFolder.Metrics), Path.Combine(run, BackupFolder.Metrics), cancellation);
            await fetch.File(store.Place.KeyOf(BackupFolder.Config), Path.Combine(run, BackupFolder.Config), cancellation);
            Directory.Delete(aside, recursive: true);
            say($"fetched step {step:N0} of the run from {store.Place}");
            return step;
        }
        throw new StorageException($"no checkpoint of the backup at {store.Place} is whole; start anew with --overwrite, or choose another --backup.");
    }

    private static void Put(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }
        Directory.Move(from, to);
    }

    private sealed class Fetching(ObjectStore store, string parts, IProgress<(long Done, long Total)>? progress)
    {
        private long _done, _total;

        /// <summary>Fetches a checkpoint; null where it is not whole.</summary>
        internal async Task<CheckpointManifest?> Checkpoint(string kind, long step, string folder, CancellationToken cancellation)
        {
            foreach (string name in (string[])[CheckpointStore.ManifestFile, CheckpointStore.StateFile])
            {
                if (!await File(BackupFolder.KeyOf(store.Place, kind, step, name), Path.Combine(folder, name), cancellation))
                {
                    return null;
                }
            }
            return CheckpointStore.ReadWhole(folder);
        }

        /// <summary>Fetches a file; false where there is none.</summary>
        internal async Task<bool> File(string key, string path, CancellationToken cancellation)
        {
            if (await store.Find(key, cancellation) is not { } facts)
            {
                return false;
            }
            _total += facts.Size;
            var download = new ObjectDownload(store, parts, bytes => progress?.Report((_done += bytes, _total)));
            _done += download.Received(facts);
            await download.Fetch(key, path, cancellation);
            return true;
        }
    }
}
