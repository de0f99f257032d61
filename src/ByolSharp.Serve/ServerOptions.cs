using System.Net;

namespace ByolSharp.Serve;

/// <summary>What a server offers, to whom, and how much of it.</summary>
/// <param name="Encoder">An ONNX file that <c>byol export</c> wrote.</param>
public sealed record ServerOptions(string Encoder)
{
    /// <summary>An index that <c>byol index</c> wrote by the same encoder; null: no search.</summary>
    public string? Index { get; init; }

    /// <summary>The address that is listened at. Default: this machine alone.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port, 0 for any that is free. Default 8080.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>What clients must send as <c>Authorization: Bearer</c> or <c>X-Api-Key</c>; null: nothing, which only loopback addresses allow.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Images that go through the encoder at once, at least 1. Default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Largest request body in bytes, at least 1. Default 10,000,000.</summary>
    public long MaxBodyBytes { get; init; } = 10_000_000;

    /// <summary>The most pixels that an image may declare, against decompression bombs, at least 1. Default 50,000,000.</summary>
    public long MaxPixels { get; init; } = 50_000_000;

    /// <summary>Requests that are worked on at once, at least 1; more are sent away with 503. With <see cref="MaxBodyBytes"/> it bounds the memory. Default 128.</summary>
    public int MaxRequests { get; init; } = 128;

    /// <summary>After so long a request is given up with 504, above 0. Default 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Fails where an option is out of range.</summary>
    /// <exception cref="ArgumentException">The message names it.</exception>
    public void Validate()
    {
        Require(Port is >= 0 and <= ushort.MaxValue, $"the port must be 0 to 65535, not {Port}.");
        Require(BatchSize >= 1 && MaxBodyBytes >= 1 && MaxPixels >= 1 && MaxRequests >= 1, "batch size, body size, pixels and requests must be at least 1.");
        Require(Timeout > TimeSpan.Zero, "the timeout must be above 0.");
        Require(ApiKey is not "", "the API key is empty.");
        Require(ApiKey is not null || IPAddress.IsLoopback(Address), $"without an API key only this machine is served (127.0.0.1), not {Address}.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
