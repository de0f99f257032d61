using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ByolSharp.ObjectStorage;

/// <summary>
/// A place on S3-compatible storage. Credentials, region and endpoint are found as all programs on the AWS SDK find them: AWS_ACCESS_KEY_ID,
/// AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT_URL_S3, profiles, roles. Where an endpoint is given, buckets are addressed by path.
/// </summary>
public sealed class ObjectStore : IDisposable
{
    private const long PartSize = 32L << 20;
    private const int MostParts = 10_000;
    private const string DefaultRegion = "us-east-1"; // what storage without regions signs with
    private readonly AmazonS3Client _client;

    private ObjectStore(ObjectPlace place, AmazonS3Client client) => (Place, _client) = (place, client);

    /// <summary>The place.</summary>
    public ObjectPlace Place { get; }

    /// <summary>Opens a place; nothing is asked of the storage yet.</summary>
    /// <exception cref="ConfigurationException">There is neither a region nor an endpoint.</exception>
    public static ObjectStore Open(ObjectPlace place)
    {
        var config = new AmazonS3Config
        {
            RetryMode = RequestRetryMode.Standard, // waits between tries, twice as long each time
            MaxErrorRetry = 3,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromMinutes(5),
            // Checksums beyond those of the signature are an extension that not every storage knows.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (config.ServiceURL is { Length: > 0 } endpoint)
        {
            config.ServiceURL = endpoint; // found in the environment, it counts for the client only once it is set
            config.ForcePathStyle = true;
            config.AuthenticationRegion = RegionGiven() ?? DefaultRegion;
        }
        else if (config.RegionEndpoint is null)
        {
            throw new ConfigurationException($"{place} needs a region or an endpoint; set AWS_REGION, or AWS_ENDPOINT_URL_S3 for storage that is not Amazon's.");
        }
        return new(place, new AmazonS3Client(config));
    }

    /// <inheritdoc />
    public void Dispose() => _client.Dispose();

    /// <summary>Where the storage answers, for people, without anything secret.</summary>
    internal string Endpoint => _client.Config.ServiceURL is { Length: > 0 } url
        ? new Uri(url).GetComponents(UriComponents.SchemeAndServer, UriFormat.Unescaped)
        : $"Amazon S3 in {_client.Config.RegionEndpoint?.SystemName}";

    /// <summary>All objects whose key starts so.</summary>
    internal Task<List<ObjectFacts>> List(string prefix, CancellationToken cancellation) => Ask(cancellation, async () =>
    {
        var found = new List<ObjectFacts>();
        var request = new ListObjectsV2Request { BucketName = Place.Bucket, Prefix = prefix };
        ListObjectsV2Response page;
        do
        {
            page = await _client.ListObjectsV2Async(request, cancellation);
            found.AddRange((page.S3Objects ?? []).Select(o => new ObjectFacts(o.Key, o.Size ?? 0, o.ETag ?? "")));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return found;
    });

    /// <summary>What is known of an object, its stored checksums too; null where there is none.</summary>
    internal Task<ObjectFacts?> Find(string key, CancellationToken cancellation) => Ask(cancellation, async () =>
    {
        try
        {
            var head = await _client.GetObjectMetadataAsync(new() { BucketName = Place.Bucket, Key = key, ChecksumMode = ChecksumMode.ENABLED }, cancellation);
            return new ObjectFacts(key, head.ContentLength, head.ETag ?? "") { Checksum = StoredChecksum.Of(head) };
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == System.Net.HttpStatusCode.NotFound && missing.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    /// <summary>The bytes of an object from a place on, as long as it is the one that was described.</summary>
    /// <exception cref="TransferBrokenException">It is another one now, or the answer breaks off.</exception>
    internal Task<Stream> Read(ObjectFacts facts, long from, CancellationToken cancellation) => Ask(cancellation, async () =>
    {
        var request = new GetObjectRequest { BucketName = Place.Bucket, Key = facts.Key, EtagToMatch = facts.ETag };
        if (from > 0)
        {
            request.ByteRange = new ByteRange($"bytes={from}-");
        }
        try
        {
            var answer = await _client.GetObjectAsync(request, cancellation);
            bool isTheSame = answer.ETag == facts.ETag && answer.ContentLength == facts.Size - from; // not every storage looks at If-Match
            return isTheSame ? answer.ResponseStream : throw new TransferBrokenException($"'{facts.Key}' was changed meanwhile", null);
        }
        catch (AmazonS3Exception changed) when (changed.StatusCode is System.Net.HttpStatusCode.PreconditionFailed or System.Net.HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            throw new TransferBrokenException($"'{facts.Key}' was changed meanwhile", changed);
        }
    });

    /// <summary>
    /// Stores an object: whole, or in parts where it is large. Each request is signed with the hash of its bytes; the SDK's other way, signatures between the bytes,
    /// is misunderstood by some storage, which then keeps them.
    /// </summary>
    internal Task Write(string key, Stream bytes, Action<long> onSent, CancellationToken cancellation) => Ask(cancellation, async () =>
    {
        long length = bytes.Length;
        bytes.Position = 0;
        if (length > 2 * PartSize)
        {
            await WriteInParts(key, bytes, onSent, cancellation);
        }
        else
        {
            await _client.PutObjectAsync(new() { BucketName = Place.Bucket, Key = key, InputStream = bytes, AutoCloseStream = false, UseChunkEncoding = false }, cancellation);
        }
        onSent(length);
        var stored = await _client.GetObjectMetadataAsync(Place.Bucket, key, cancellation);
        return stored.ContentLength == length ? true : throw new StorageException($"{Endpoint} stored {stored.ContentLength:N0} of {length:N0} bytes of '{key}'.");
    });

    /// <summary>Deletes an object; none there is no error.</summary>
    internal Task Delete(string key, CancellationToken cancellation) => Ask(cancellation, () => _client.DeleteObjectAsync(Place.Bucket, key, cancellation));

    private async Task WriteInParts(string key, Stream bytes, Action<long> onSent, CancellationToken cancellation)
    {
        string upload = (await _client.InitiateMultipartUploadAsync(Place.Bucket, key, cancellation)).UploadId;
        try
        {
            var parts = new List<PartETag>();
            long size = Math.Max(PartSize, bytes.Length / MostParts + 1);
            for (long start = 0; start < bytes.Length; start += size)
            {
                bytes.Position = start;
                int number = parts.Count + 1;
                var part = new UploadPartRequest
                {
                    BucketName = Place.Bucket,
                    Key = key,
                    UploadId = upload,
                    PartNumber = number,
                    PartSize = Math.Min(size, bytes.Length - start),
                    InputStream = bytes,
                    UseChunkEncoding = false,
                };
                parts.Add(new(number, (await _client.UploadPartAsync(part, cancellation)).ETag));
                onSent(start + part.PartSize.Value);
            }
            await _client.CompleteMultipartUploadAsync(new() { BucketName = Place.Bucket, Key = key, UploadId = upload, PartETags = parts }, cancellation);
        }
        catch
        {
            await Abort(key, upload);
            throw;
        }
    }

    /// <summary>Parts of an upload that nobody completes would be kept, and paid for.</summary>
    private async Task Abort(string key, string upload)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _client.AbortMultipartUploadAsync(Place.Bucket, key, upload, patience.Token);
        }
        catch (Exception failure) when (failure is AmazonClientException or HttpRequestException or OperationCanceledException)
        {
            // The storage is away; what made the upload fail is what is told.
        }
    }

    private async Task<T> Ask<T>(CancellationToken cancellation, Func<Task<T>> request)
    {
        try
        {
            return await request();
        }
        catch (Exception) when (cancellation.IsCancellationRequested) // it may look like any broken connection
        {
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception failure) when (StorageFailures.InOneLine(failure, this) is { } clear)
        {
            throw clear;
        }
    }

    private static string? RegionGiven()
    {
        try
        {
            return FallbackRegionFactory.GetRegionEndpoint()?.SystemName;
        }
        catch (AmazonClientException)
        {
            return null;
        }
    }
}

/// <summary>What is known of an object.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ETag">What changes with its bytes, in quotation marks as it comes.</param>
internal sealed record ObjectFacts(string Key, long Size, string ETag)
{
    /// <summary>What its bytes are checked by; null: their number alone.</summary>
    internal StoredChecksum? Checksum { get; init; }
}
