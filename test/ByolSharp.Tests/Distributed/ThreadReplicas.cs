using ByolSharp.Distributed;

namespace ByolSharp.Tests.Distributed;

/// <summary>Replicas that are threads of this process.</summary>
internal sealed class ThreadReplicas : IReplicas, IBackgroundSums
{
    private readonly Meeting _meeting, _background;

    private ThreadReplicas(int rank, Meeting meeting, Meeting background) => (Rank, _meeting, _background) = (rank, meeting, background);

    /// <summary>Lengths of the sums in the background, in their order.</summary>
    public List<int> InBackground { get; } = [];

    public bool CanSumInBackground => true;

    public int Rank { get; }

    public int Count => _meeting.Brought.Length;

    public TimeSpan Met => TimeSpan.Zero;

    /// <summary>Does the same on each replica, and gives what each has found.</summary>
    public static T[] Run<T>(int count, Func<IReplicas, T> work)
    {
        Meeting meeting = new(count), background = new(count);
        return Task.WhenAll(Enumerable.Range(0, count).Select(rank => Task.Factory.StartNew(
            () => work(new ThreadReplicas(rank, meeting, background)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).GetAwaiter().GetResult();
    }

    public void Sum(Span<float> values) => Sum(values, _meeting);

    public void SumInBackground(Span<float> values)
    {
        InBackground.Add(values.Length);
        Sum(values, _background);
    }

    public void Await(Task sums) => sums.GetAwaiter().GetResult();

    public void Sum(Span<double> values)
    {
        double[][] all = Meet(values.ToArray(), _meeting);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => one[i]);
        }
    }

    public void Broadcast(Span<byte> bytes) => Meet(bytes.ToArray(), _meeting)[0].CopyTo(bytes);

    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        byte[] joined = [.. Meet(mine.ToArray(), _meeting).SelectMany(one => one)];
        joined.CopyTo(all);
    }

    public void Abort(int exitCode) => throw new InvalidOperationException("a replica ended the job");

    public void Dispose() { }

    private void Sum(Span<float> values, Meeting meeting)
    {
        float[][] all = Meet(values.ToArray(), meeting);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(one => one[i]);
        }
    }

    private T[][] Meet<T>(T[] mine, Meeting meeting)
    {
        Assert.True(meeting.Come.SignalAndWait(TimeSpan.FromMinutes(1)), "a replica waits alone");
        meeting.Brought[Rank] = mine;
        Assert.True(meeting.Come.SignalAndWait(TimeSpan.FromMinutes(1)), "a replica waits alone");
        return [.. meeting.Brought.Select(one => (T[])one!)];
    }

    private sealed class Meeting(int count)
    {
        internal object?[] Brought { get; } = new object?[count];

        internal Barrier Come { get; } = new(count);
    }
}
