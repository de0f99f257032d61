using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace ByolSharp.ObjectStorage;

/// <summary>
/// Fetches objects, each into a part file of its own that a later call continues, checks them and moves them into place. A part file is named after
/// key and ETag, so bytes of two states of an object never mix.
/// </summary>
/// <param name="store">Where from.</param>
/// <param name="parts">Folder of the part files, on the disk of the targets.</param>
/// <param name="onBytes">Told how many bytes came; negative where some have to come again.</param>
internal sealed class ObjectDownload(ObjectStore store, string parts, Action<long> onBytes)
{
    private const int Tries = 6;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);

    /// <summary>Fetches an object.</summary>
    /// <returns>What it was, and the XxHash128 of its bytes.</returns>
    /// <exception cref="StorageException">The connection keeps breaking off, or the disk is full.</exception>
    /// <exception cref="UnusableDataException">It is not there, or keeps arriving damaged.</exception>
    internal async Task<(ObjectFacts Facts, string Hash)> Fetch(string key, string target, CancellationToken cancellation)
    {
        for (int failures = 0; ;)
        {
            long before = Received(key);
            try
            {
                var facts = await store.Find(key, cancellation) ?? throw new UnusableDataException($"'{key}' is no longer in bucket '{store.Place.Bucket}'.");
                return (facts, await Fetch(facts, target, cancellation));
            }
            catch (Exception broken) when (broken is TransferBrokenException or StorageException)
            {
                failures = Received(key) > before ? 1 : failures + 1;
                if (failures == Tries)
                {
                    throw new StorageException($"cannot fetch {new ObjectPlace(store.Place.Bucket, key)} from {store.Endpoint}: {broken.Message}; run the command again to go on.", broken);
                }
                await Task.Delay(FirstWait * (1 << failures), cancellation);
            }
            catch (Exception disk) when (disk is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"cannot write {target}: {disk.Message.TrimEnd('.')}; make room or choose another folder, and run the command again to go on.", disk);
            }
        }
    }

    /// <summary>Bytes of an object that are in its part file.</summary>
    internal long Received(ObjectFacts facts) => PartOf(facts) is { Exists: true } part ? part.Length : 0;

    private long Received(string key) => PartsOf(key).Sum(part => part.Length);

    private async Task<string> Fetch(ObjectFacts facts, string target, CancellationToken cancellation)
    {
        var part = PartOf(facts);
        foreach (var other in PartsOf(facts.Key).Where(other => other.Name != part.Name || other.Length > facts.Size))
        {
            other.Delete();
        }
        await Append(facts, part.FullName, cancellation);
        string hash = await Check(facts, part.FullName, cancellation);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Move(part.FullName, target, overwrite: true);
        return hash;
    }

    private async Task Append(ObjectFacts facts, string part, CancellationToken cancellation)
    {
        Directory.CreateDirectory(parts);
        await using var file = new FileStream(part, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        if (file.Length == facts.Size)
        {
            return;
        }
        await using var body = await store.Read(facts, file.Length, cancellation);
        byte[] buffer = new byte[1 << 18];
        for (int count; (count = await Read(body, buffer, cancellation)) > 0;)
        {
            await file.WriteAsync(buffer.AsMemory(0, count), cancellation);
            onBytes(count);
        }
        if (file.Length != facts.Size)
        {
            throw new TransferBrokenException($"the connection broke off after {file.Length:N0} of {facts.Size:N0} bytes", null);
        }
    }

    /// <summary>A connection that is silent for long counts as broken.</summary>
    private static async Task<int> Read(Stream body, byte[] buffer, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Silence);
        try
        {
            return await body.ReadAsync(buffer, patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TransferBrokenException($"nothing came for {Silence.TotalSeconds} seconds", null);
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            throw new TransferBrokenException("the connection broke off", broken);
        }
    }

    /// <summary>Reads what is on the disk, not what went there.</summary>
    private async Task<string> Check(ObjectFacts facts, string part, CancellationToken cancellation)
    {
        bool fits;
        await using (var file = File.OpenRead(part))
        {
            fits = facts.Checksum is null || await facts.Checksum.Fits(file, cancellation);
        }
        if (!fits)
        {
            File.Delete(part);
            onBytes(-facts.Size);
            throw new TransferBrokenException($"it arrived damaged (its {facts.Checksum!.Kind} differs)", null);
        }
        return await HashOf(part, cancellation);
    }

    /// <summary>XxHash128 of a file.</summary>
    internal static async Task<string> HashOf(string path, CancellationToken cancellation)
    {
        var hash = new XxHash128();
        await using var file = File.OpenRead(path);
        await hash.AppendAsync(file, cancellation);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>Name of an object's part file.</summary>
    internal static string PartName(string key, string eTag) => $"{Short(key)}-{Short(eTag)}.part";

    private FileInfo PartOf(ObjectFacts facts) => new(Path.Combine(parts, PartName(facts.Key, facts.ETag)));

    private FileInfo[] PartsOf(string key) => Directory.Exists(parts) ? new DirectoryInfo(parts).GetFiles($"{Short(key)}-*.part") : [];

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..24];
}
