using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ByolSharp.Serve;

/// <summary>Lets requests with the right key pass. Hashes are compared, in constant time, so that neither the key nor its length can be guessed by the clock.</summary>
internal sealed class ApiKeyGate(string key)
{
    private const string Header = "X-Api-Key", Scheme = "Bearer ";
    private readonly byte[] _hash = HashOf(key);

    internal bool Allows(HttpRequest request)
    {
        string authorization = request.Headers.Authorization.ToString();
        string given = authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? authorization[Scheme.Length..].Trim() : request.Headers[Header].ToString();
        return CryptographicOperations.FixedTimeEquals(HashOf(given), _hash);
    }

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
