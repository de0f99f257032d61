namespace ByolSharp.ObjectStorage;

/// <summary>What a mirror holds after an update.</summary>
/// <param name="Path">The folder, or the file where the place is one object.</param>
/// <param name="Objects">Number of objects.</param>
/// <param name="Bytes">Bytes of all objects.</param>
/// <param name="Fetched">Objects that had to be fetched.</param>
/// <param name="Removed">Files removed because their objects are gone.</param>
public sealed record MirrorState(string Path, int Objects, long Bytes, int Fetched, int Removed);

/// <summary>
/// A local copy of objects, <c>FOLDER/bucket/key</c>, that is brought up to date before it is used. Only what is missing or changed is fetched; an update
/// that was killed goes on where it stopped. One process at a time updates a bucket's copy, others wait for it. <c>FOLDER/.state</c> holds what is needed for that.
/// </summary>
/// <param name="folder">Folder of the mirror; whatever lies in it at the place of an object is replaced.</param>
public sealed class ObjectMirror(string folder)
{
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(200);
    private readonly string _folder = Path.GetFullPath(folder);

    /// <summary>Objects fetched at a time, 1 or more. Default 4.</summary>
    public int Parallel { get; init; } = 4;

    /// <summary>True reads every file and compares its checksum, for damage that leaves length and time as they were. Default false.</summary>
    public bool ChecksAll { get; init; }

    /// <summary>Brings the copy of a place up to date.</summary>
    /// <param name="store">The place.</param>
    /// <param name="say">Told what is worth a line.</param>
    /// <param name="progress">Told bytes that are there and bytes in all; null: nobody.</param>
    /// <param name="cancellation">Stops; the next call goes on from there.</param>
    /// <exception cref="ConfigurationException">The storage refuses the credentials.</exception>
    /// <exception cref="UnusableDataException">There is no such bucket, nothing at the place, or a key that would leave the folder.</exception>
    /// <exception cref="StorageException">The storage cannot be reached, or the disk is full.</exception>
    public async Task<MirrorState> UpdateAsync(
        ObjectStore store, Action<string> say, IProgress<(long Done, long Total)>? progress = null, CancellationToken cancellation = default)
    {
        try
        {
            return await Update(store, say, progress, cancellation);
        }
        catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot use the mirror in {_folder}: {disk.Message.TrimEnd('.')}; make room or choose another --mirror.", disk);
        }
    }

    private async Task<MirrorState> Update(ObjectStore store, Action<string> say, IProgress<(long Done, long Total)>? progress, CancellationToken cancellation)
    {
        string state = Path.Combine(_folder, ".state", store.Place.Bucket);
        using var held = await Lock(state, store.Place, say, cancellation);
        var objects = await Objects(store, cancellation);
        var records = new MirrorRecords(Path.Combine(state, "objects.jsonl"));
        int removed = RemoveGone(store.Place, objects, records);
        var missing = new List<ObjectFacts>();
        foreach (var facts in objects)
        {
            if (!await IsUpToDate(store.Place, facts, records, say, cancellation))
            {
                missing.Add(facts);
            }
        }
        long total = objects.Sum(o => o.Size), done = total - missing.Sum(o => o.Size);
        var download = new ObjectDownload(store, Path.Combine(state, "parts"), bytes => progress?.Report((Interlocked.Add(ref done, bytes), total)));
        done += missing.Sum(download.Received);
        RequireRoom(total - done, store.Place);
        progress?.Report((done, total));
        await System.Threading.Tasks.Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellation }, async (facts, token) =>
        {
            string target = PathOf(store.Place, facts.Key);
            var (fetched, hash) = await download.Fetch(facts.Key, target, token);
            records.Add(new(facts.Key, fetched.Size, fetched.ETag, hash, File.GetLastWriteTimeUtc(target).Ticks));
        });
        return new(PathOf(store.Place, store.Place.Prefix), objects.Count, total, missing.Count, removed);
    }

    /// <summary>The objects below the place, or the one that it names.</summary>
    private static async Task<List<ObjectFacts>> Objects(ObjectStore store, CancellationToken cancellation)
    {
        var place = store.Place;
        var objects = await store.List(place.KeyOf(""), cancellation);
        objects.RemoveAll(o => o.Key.EndsWith('/')); // what consoles make for an empty folder
        if (objects.Count == 0 && place.Prefix.Length > 0 && await store.Find(place.Prefix, cancellation) is { } single)
        {
            objects.Add(single);
        }
        string? bad = objects.Select(o => o.Key).FirstOrDefault(key => !IsSafe(key));
        return bad is not null ? throw new UnusableDataException($"{place} holds an object '{bad}', whose key would leave the mirror's folder; rename it.")
            : objects.Count > 0 ? objects
            : throw new UnusableDataException($"there is nothing at {place} ({store.Endpoint}); check the prefix.");
    }

    /// <summary>A key that is a path below a folder, on any system that this runs on.</summary>
    internal static bool IsSafe(string key) =>
        !key.Any(c => c < ' ') && !(OperatingSystem.IsWindows() && key.AsSpan().ContainsAny("\\:*?\"<>|")) && key.Split('/').All(part => part is not ("" or "." or ".."));

    private int RemoveGone(ObjectPlace place, List<ObjectFacts> objects, MirrorRecords records)
    {
        var present = objects.Select(o => o.Key).ToHashSet(StringComparer.Ordinal);
        MirrorRecord[] gone = [.. records.All.Where(r => !present.Contains(r.Key) && (r.Key == place.Prefix || r.Key.StartsWith(place.KeyOf(""), StringComparison.Ordinal)))];
        foreach (var record in gone)
        {
            File.Delete(PathOf(place, record.Key));
            records.Add(record with { IsGone = true });
        }
        return gone.Length;
    }

    private async Task<bool> IsUpToDate(ObjectPlace place, ObjectFacts facts, MirrorRecords records, Action<string> say, CancellationToken cancellation)
    {
        var file = new FileInfo(PathOf(place, facts.Key));
        if (!file.Exists || records.Of(facts.Key) is not { } record || (record.Size, record.ETag) != (facts.Size, facts.ETag))
        {
            return false;
        }
        bool isTouched = file.Length != record.Size || file.LastWriteTimeUtc.Ticks != record.Written;
        if (!isTouched && !ChecksAll)
        {
            return true;
        }
        if (file.Length == record.Size && await ObjectDownload.HashOf(file.FullName, cancellation) == record.Hash)
        {
            if (isTouched)
            {
                records.Add(record with { Written = file.LastWriteTimeUtc.Ticks });
            }
            return true;
        }
        say($"{file.FullName} is not what was fetched; fetching it again");
        return false;
    }

    private void RequireRoom(long bytes, ObjectPlace place)
    {
        long free = new DriveInfo(_folder).AvailableFreeSpace;
        if (bytes > free)
        {
            throw new StorageException($"{place} needs {bytes:N0} bytes more in {_folder}, which has room for {free:N0}; make room or choose another --mirror.");
        }
    }

    private static async Task<FileStream> Lock(string state, ObjectPlace place, Action<string> say, CancellationToken cancellation)
    {
        string path = Path.Combine(state, "lock");
        try
        {
            Directory.CreateDirectory(state);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot make the mirror's folder {state}: {e.Message.TrimEnd('.')}; choose another --mirror.", e);
        }
        for (bool isFirst = true; ; isFirst = false)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (isFirst)
                {
                    say($"waiting for another process that fetches from s3://{place.Bucket}");
                }
                await Task.Delay(LockInterval, cancellation);
            }
        }
    }

    private string PathOf(ObjectPlace place, string key) => Path.Combine([_folder, place.Bucket, .. key.Split('/')]);
}
