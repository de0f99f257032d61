namespace ByolSharp.Distributed;

/// <summary>
/// The processes that train one model together. Every method is a meeting: all replicas call the same ones in the same order, with the same
/// sizes, and none returns before all have come. From one thread at a time.
/// </summary>
public interface IReplicas : IDisposable
{
    /// <summary>Number of this replica, from 0; the first alone prints and writes.</summary>
    int Rank { get; }

    /// <summary>How many there are, 1 or more.</summary>
    int Count { get; }

    /// <summary>Time spent in meetings, waiting for slower replicas included.</summary>
    TimeSpan Met { get; }

    /// <summary>Replaces each value by its sum over all replicas, the same bits on each.</summary>
    void Sum(Span<float> values);

    /// <inheritdoc cref="Sum(Span{float})"/>
    void Sum(Span<double> values);

    /// <summary>Replaces the bytes by those of the first replica.</summary>
    void Broadcast(Span<byte> bytes);

    /// <summary>The bytes of all replicas, rank after rank.</summary>
    /// <param name="mine">This replica's.</param>
    /// <param name="all">Room for <see cref="Count"/> times as many.</param>
    void Gather(ReadOnlySpan<byte> mine, Span<byte> all);

    /// <summary>Ends the processes of all replicas, whatever they are doing. No meeting, and does not return.</summary>
    /// <param name="exitCode">Of the whole job.</param>
    void Abort(int exitCode);
}
