using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Amazon.S3;
using Amazon.S3.Model;

namespace ByolSharp.ObjectStorage;

/// <summary>A checksum that the storage keeps of the whole object.</summary>
/// <param name="Kind">MD5, SHA256, SHA1 or CRC32.</param>
/// <param name="Value">In hexadecimal digits, small letters.</param>
internal sealed partial record StoredChecksum(string Kind, string Value)
{
    /// <summary>The strongest of those that are known here; null for none, as of objects stored in parts or encrypted by a key of their owner.</summary>
    internal static StoredChecksum? Of(GetObjectMetadataResponse head)
    {
        bool isOfWhole = head.ChecksumType != ChecksumType.COMPOSITE;
        string tag = (head.ETag ?? "").Trim('"').ToLowerInvariant();
        bool isPlain = head.ServerSideEncryptionMethod is not { } method || method == ServerSideEncryptionMethod.None || method == ServerSideEncryptionMethod.AES256;
        bool hasOwnKey = head.ServerSideEncryptionCustomerMethod is { } own && own != ServerSideEncryptionCustomerMethod.None;
        return isOfWhole && FromBase64("SHA256", head.ChecksumSHA256) is { } sha256 ? sha256
            : isPlain && !hasOwnKey && Md5().IsMatch(tag) ? new("MD5", tag)
            : isOfWhole ? FromBase64("SHA1", head.ChecksumSHA1) ?? FromBase64("CRC32", head.ChecksumCRC32)
            : null;
    }

    /// <summary>The same of a file.</summary>
    internal async Task<bool> Fits(Stream file, CancellationToken cancellation) => Value == Convert.ToHexStringLower(Kind switch
    {
        "SHA256" => await SHA256.HashDataAsync(file, cancellation),
        "SHA1" => await SHA1.HashDataAsync(file, cancellation),
        "CRC32" => await Crc32Of(file, cancellation),
        _ => await MD5.HashDataAsync(file, cancellation),
    });

    private static StoredChecksum? FromBase64(string kind, string? value) =>
        string.IsNullOrEmpty(value) || value.Contains('-', StringComparison.Ordinal) ? null : new(kind, Convert.ToHexStringLower(Convert.FromBase64String(value)));

    private static async Task<byte[]> Crc32Of(Stream file, CancellationToken cancellation)
    {
        var hash = new Crc32();
        await hash.AppendAsync(file, cancellation);
        byte[] value = hash.GetCurrentHash();
        Array.Reverse(value); // S3 writes it with the highest byte first
        return value;
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Md5();
}
