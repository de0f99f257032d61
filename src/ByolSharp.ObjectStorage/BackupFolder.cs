using System.Globalization;
using ByolSharp.Training;

namespace ByolSharp.ObjectStorage;

/// <summary>Where the parts of a backup lie: checkpoints/step-N/… and checkpoints/best-N/…, beside config.json and encoder.safetensors.</summary>
internal static class BackupFolder
{
    internal const string Step = "step", Best = "best", Config = "config.json", Encoder = "encoder.safetensors", Metrics = "metrics.jsonl";
    private const string Checkpoints = "checkpoints/";

    /// <summary>Checkpoints of a kind that are kept: the newest, and the one before it in case that is damaged.</summary>
    private const int Kept = 2;

    /// <summary>The key of a file of a checkpoint.</summary>
    internal static string KeyOf(ObjectPlace place, string kind, long step, string name) =>
        place.KeyOf(string.Create(CultureInfo.InvariantCulture, $"{Checkpoints}{kind}-{step:D8}/{name}"));

    /// <summary>Steps of the checkpoints of a kind that have a manifest, the newest first.</summary>
    internal static async Task<long[]> Whole(ObjectStore store, string kind, CancellationToken cancellation) =>
    [
        .. (await Files(store, kind, cancellation)).Where(file => file.Name == CheckpointStore.ManifestFile).Select(file => file.Step).OrderDescending(),
    ];

    /// <summary>Deletes the checkpoints before the newest few up to a step, and what was left unfinished among them; each loses its manifest first.</summary>
    internal static async Task Prune(ObjectStore store, string kind, long newest, CancellationToken cancellation)
    {
        var files = await Files(store, kind, cancellation);
        long[] kept = [.. files.Where(f => f.Name == CheckpointStore.ManifestFile && f.Step <= newest).Select(f => f.Step).OrderDescending().Take(Kept)];
        foreach (var (key, _, _) in files.Where(f => f.Step < newest && !kept.Contains(f.Step)).OrderBy(f => f.Name != CheckpointStore.ManifestFile))
        {
            await store.Delete(key, cancellation);
        }
    }

    /// <summary>Deletes a backup, manifests first.</summary>
    internal static async Task Clear(ObjectStore store, CancellationToken cancellation)
    {
        foreach (string kind in (string[])[Step, Best])
        {
            foreach (var (key, _, _) in (await Files(store, kind, cancellation)).OrderBy(f => f.Name != CheckpointStore.ManifestFile))
            {
                await store.Delete(key, cancellation);
            }
        }
        await store.Delete(store.Place.KeyOf(Encoder), cancellation);
        await store.Delete(store.Place.KeyOf(Config), cancellation);
    }

    private static async Task<List<(string Key, long Step, string Name)>> Files(ObjectStore store, string kind, CancellationToken cancellation)
    {
        string start = store.Place.KeyOf($"{Checkpoints}{kind}-");
        var files = new List<(string, long, string)>();
        foreach (var facts in await store.List(start, cancellation))
        {
            string[] parts = facts.Key[start.Length..].Split('/');
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long step))
            {
                files.Add((facts.Key, step, parts[1]));
            }
        }
        return files;
    }
}
