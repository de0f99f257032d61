using ByolSharp.Distributed;

namespace ByolSharp.Tests.Distributed;

/// <summary>Replicas that are threads of this process.</summary>
internal sealed class ThreadReplicas : IReplicas
{
    private readonly Meeting _meeting;

    private ThreadReplicas(int rank, Meeting meeting) => (Rank, _meeting) = (rank, meeting);

    public int Rank { get; }

    public int Count => _meeting.Brought.Length;

    public TimeSpan Met => TimeSpan.Zero;

    /// <summary>Does the same on each replica, and gives what each has found.</summary>
    public static T[] Run<T>(int count, Func<IReplicas, T> work)
    {
        var meeting = new Meeting(count);
        return Task.WhenAll(Enumerable.Range(0, count).Select(rank => Task.Factory.StartNew(
            () => work(new ThreadReplicas(rank, meeting)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).GetAwaiter().GetResult();
    }

    public void Sum(Span<float> values)
    {
        float[][] all = Meet(values.ToArray());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => one[i]);
        }
    }

    public void Sum(Span<double> values)
    {
        double[][] all = Meet(values.ToArray());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => one[i]);
        }
    }

    public void Broadcast(Span<byte> bytes) => Meet(bytes.ToArray())[0].CopyTo(bytes);

    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        byte[] joined = [.. Meet(mine.ToArray()).SelectMany(one => one)];
        joined.CopyTo(all);
    }

    public void Abort(int exitCode) => throw new InvalidOperationException("a replica ended the job");

    public void Dispose() { }

    private T[][] Meet<T>(T[] mine)
    {
        Assert.True(_meeting.Come.SignalAndWait(TimeSpan.FromMinutes(1)), "a replica waits alone");
        _meeting.Brought[Rank] = mine;
        Assert.True(_meeting.Come.SignalAndWait(TimeSpan.FromMinutes(1)), "a replica waits alone");
        return [.. _meeting.Brought.Select(one => (T[])one!)];
    }

    private sealed class Meeting(int count)
    {
        internal object?[] Brought { get; } = new object?[count];

        internal Barrier Come { get; } = new(count);
    }
}
