using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ByolSharp.Distributed;

/// <summary>
/// Ends the job when a replica does not come to a meeting in time, and says which. A thread of each process answers at any time how many
/// meetings it has come to; who waits too long asks around, and whoever does not answer, or is furthest behind, is the one.
/// </summary>
internal sealed unsafe partial class ReplicaWatch : IDisposable
{
    private const int Question = 1, Answer = 2;
    private const int FailedCode = 1;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100), Grace = TimeSpan.FromSeconds(3);

    private readonly MpiLibrary _mpi;
    private readonly nint _channel;
    private readonly string[] _hosts;
    private readonly int _rank;
    private readonly TimeSpan _timeout;
    private readonly bool _mayAsk;
    private readonly Action<string> _say;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _done = new();
    private readonly long[] _meetingOf;
    private long _meeting, _waitsSince;

    /// <summary>Starts the thread; on all replicas.</summary>
    /// <param name="mpi">The library.</param>
    /// <param name="hosts">Name of each replica's machine.</param>
    /// <param name="rank">This replica.</param>
    /// <param name="timeout">How long to wait.</param>
    /// <param name="mayAsk">False where the library does not let several threads call it: then nobody can be named.</param>
    /// <param name="say">Told who was lost.</param>
    internal ReplicaWatch(MpiLibrary mpi, string[] hosts, int rank, TimeSpan timeout, bool mayAsk, Action<string> say)
    {
        (_mpi, _hosts, _rank, _timeout, _mayAsk, _say) = (mpi, hosts, rank, timeout, mayAsk, say);
        _meetingOf = new long[hosts.Length];
        nint channel;
        _ = mpi.Duplicate(mpi.World, &channel);
        _channel = channel;
        _thread = new Thread(Watch) { IsBackground = true, Name = "replica watch" };
        _thread.Start();
    }

    /// <summary>A meeting begins for this replica.</summary>
    internal void Enter()
    {
        Interlocked.Increment(ref _meeting);
        Interlocked.Exchange(ref _waitsSince, Stopwatch.GetTimestamp());
    }

    /// <summary>The meeting is over.</summary>
    internal void Leave() => Interlocked.Exchange(ref _waitsSince, 0);

    /// <inheritdoc />
    public void Dispose()
    {
        _done.Set();
        _thread.Join();
        _done.Dispose();
    }

    private void Watch()
    {
        while (!_done.Wait(Look))
        {
            AnswerQuestions();
            if (IsLate(out long meeting))
            {
                End(meeting);
            }
        }
    }

    private bool IsLate(out long meeting)
    {
        meeting = Interlocked.Read(ref _meeting);
        long since = Interlocked.Read(ref _waitsSince);
        return since != 0 && Stopwatch.GetElapsedTime(since) > _timeout;
    }

    /// <summary>Asks around, says who is missing, and ends all processes. Does not return.</summary>
    private void End(long meeting)
    {
        // The network may be what failed, and then asking can block.
        using var last = new Timer(_ => Quit("another replica"), null, 3 * Grace, System.Threading.Timeout.InfiniteTimeSpan);
        if (_mayAsk)
        {
            Ask();
            Listen(Grace);
            int firstWaiting = Array.FindIndex(_meetingOf, at => at >= meeting);
            if (firstWaiting >= 0 && firstWaiting < _rank)
            {
                Thread.Sleep(2 * Grace); // one line is enough: that replica knows the same
            }
        }
        Quit(_mayAsk ? Missing(meeting) : "another replica");
    }

    private void Quit(string who)
    {
        _say($"{who} did not come within {_timeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s (replicas.timeout); "
            + "the job ends. Start it again with --resume.");
        using var last = new Timer(_ => Exit(FailedCode), null, Grace, System.Threading.Timeout.InfiniteTimeSpan);
        _ = _mpi.Abort(_mpi.World, FailedCode);
        Exit(FailedCode);
    }

    /// <summary>Those who gave no answer, else those who are behind.</summary>
    private string Missing(long meeting)
    {
        int[] others = [.. Enumerable.Range(0, _hosts.Length).Where(rank => rank != _rank)];
        int[] silent = [.. others.Where(rank => _meetingOf[rank] < 0)];
        int[] missing = silent.Length > 0 ? silent : [.. others.Where(rank => _meetingOf[rank] < meeting)];
        string names = string.Join(", ", missing.Select(rank => FormattableString.Invariant($"rank {rank} ({_hosts[rank]})")));
        return silent.Length > 0 ? $"no sign of life from {names}, which" : missing.Length > 0 ? $"busy elsewhere: {names}, which" : "another replica";
    }

    private void Ask()
    {
        Array.Fill(_meetingOf, -1);
        for (int rank = 0; rank < _hosts.Length; rank++)
        {
            if (rank != _rank)
            {
                _ = _mpi.Send(null, 0, _mpi.Byte, rank, Question, _channel);
            }
        }
    }

    private void Listen(TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            AnswerQuestions();
            while (IsThere(Answer, out int source))
            {
                long meeting;
                _ = _mpi.Receive(&meeting, sizeof(long), _mpi.Byte, source, Answer, _channel, null);
                _meetingOf[source] = meeting;
            }
            Thread.Sleep(Look);
        }
    }

    private void AnswerQuestions()
    {
        while (_mayAsk && IsThere(Question, out int source))
        {
            _ = _mpi.Receive(null, 0, _mpi.Byte, source, Question, _channel, null);
            long meeting = Interlocked.Read(ref _meeting);
            _ = _mpi.Send(&meeting, sizeof(long), _mpi.Byte, source, Answer, _channel);
        }
    }

    private bool IsThere(int tag, out int source)
    {
        int found;
        MpiStatus status;
        _ = _mpi.Probe(MpiLibrary.AnySource, tag, _channel, &found, &status);
        source = status.Source;
        return found != 0;
    }

    /// <summary>Ends this process without waiting for any thread: those of MPI may never return.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);
}
