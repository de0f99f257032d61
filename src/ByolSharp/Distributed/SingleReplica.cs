namespace ByolSharp.Distributed;

/// <summary>One process, which meets nobody.</summary>
public sealed class SingleReplica : IReplicas
{
    /// <summary>The one that there is.</summary>
    public static readonly SingleReplica Instance = new();

    private SingleReplica() { }

    /// <inheritdoc />
    public int Rank => 0;

    /// <inheritdoc />
    public int Count => 1;

    /// <inheritdoc />
    public TimeSpan Met => TimeSpan.Zero;

    /// <inheritdoc />
    public void Sum(Span<float> values) { }

    /// <inheritdoc />
    public void Sum(Span<double> values) { }

    /// <inheritdoc />
    public void Broadcast(Span<byte> bytes) { }

    /// <inheritdoc />
    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all) => mine.CopyTo(all);

    /// <inheritdoc />
    public void Abort(int exitCode) => Environment.Exit(exitCode);

    /// <inheritdoc />
    public void Dispose() { }
}
