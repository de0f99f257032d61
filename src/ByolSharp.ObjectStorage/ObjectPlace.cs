using System.Text.RegularExpressions;

namespace ByolSharp.ObjectStorage;

/// <summary>A place in a bucket, written <c>s3://bucket/prefix</c>: a folder of objects or one object.</summary>
/// <param name="Bucket">Name of the bucket.</param>
/// <param name="Prefix">What the keys start with, without a slash at either end; empty: the whole bucket.</param>
public sealed partial record ObjectPlace(string Bucket, string Prefix)
{
    private const string Scheme = "s3://";

    /// <summary>True for what is written as such a place.</summary>
    public static bool IsOne(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads <c>s3://bucket/prefix</c>.</summary>
    /// <exception cref="ConfigurationException">It is none. The message leaves out what may be a password.</exception>
    public static ObjectPlace Parse(string text)
    {
        string[] parts = IsOne(text) ? text[Scheme.Length..].Split('/', 2) : [""];
        if (parts[0].Contains('@', StringComparison.Ordinal))
        {
            throw new ConfigurationException("an s3:// place holds no credentials; take out what is before the '@' and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile.");
        }
        return BucketName().IsMatch(parts[0])
            ? new(parts[0], parts.Length > 1 ? parts[1].Trim('/') : "")
            : throw new ConfigurationException($"'{text}' names no bucket; write s3://bucket/prefix (3 to 63 small letters, digits, dots and hyphens).");
    }

    /// <summary>The key of something below this place.</summary>
    internal string KeyOf(string name) => Prefix.Length == 0 ? name : $"{Prefix}/{name}";

    /// <inheritdoc />
    public override string ToString() => $"{Scheme}{Bucket}{(Prefix.Length == 0 ? "" : "/")}{Prefix}";

    /// <summary>The rules for names of buckets in the Amazon S3 User Guide, but for the rarer ones.</summary>
    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();
}
