using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;

namespace ByolSharp.ObjectStorage;

/// <summary>A transfer that may be tried again, from where it stopped.</summary>
internal sealed class TransferBrokenException(string message, Exception? inner) : Exception(message, inner);

/// <summary>What can go wrong between here and the storage, in one line. Texts of the storage itself are not passed on: they may quote a request.</summary>
internal static class StorageFailures
{
    /// <summary>The error to show instead; null for what is no business of the storage, as cancellation or a full disk.</summary>
    internal static Exception? InOneLine(Exception failure, ObjectStore store) => failure switch
    {
        ByolException or TransferBrokenException => null,
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => new UnusableDataException(
            $"there is no bucket '{store.Place.Bucket}' at {store.Endpoint}; check its name, AWS_ENDPOINT_URL_S3 and AWS_REGION.", failure),
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized } refused => new ConfigurationException(
            $"{store.Endpoint} refuses access to {store.Place} ({refused.ErrorCode}); check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or the profile, and what they may do.", failure),
        AmazonS3Exception { StatusCode: HttpStatusCode.MovedPermanently or HttpStatusCode.TemporaryRedirect } or AmazonS3Exception { ErrorCode: "AuthorizationHeaderMalformed" } =>
            new ConfigurationException($"bucket '{store.Place.Bucket}' is in another region than {store.Endpoint}; set AWS_REGION.", failure),
        AmazonServiceException { StatusCode: not 0 } other => new StorageException(
            $"{store.Endpoint} answers {(int)other.StatusCode} {other.ErrorCode} for {store.Place}; try again later.", failure),
        _ when IsUnreachable(failure) => new StorageException(
            $"cannot reach {store.Endpoint} for {store.Place}: {Reason(failure)}; check AWS_ENDPOINT_URL_S3 and the network.", failure),
        AmazonClientException => new ConfigurationException(
            $"found no credentials for {store.Place}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE.", failure),
        _ => null,
    };

    private static bool IsUnreachable(Exception failure) =>
        Causes(failure).Any(cause => cause is HttpRequestException or SocketException or TimeoutException or HttpIOException);

    private static string Reason(Exception failure) => Causes(failure).OfType<SocketException>().FirstOrDefault()?.Message
        ?? (Causes(failure).Any(cause => cause is TimeoutException) ? "no answer in time" : "the connection broke off");

    private static IEnumerable<Exception> Causes(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            yield return failure;
        }
    }
}
