using System.Diagnostics;
using System.Globalization;

namespace ByolSharp.Distributed;

/// <summary>Replicas that MPI joins: the processes of one mpirun, srun or MPIJob.</summary>
internal sealed unsafe class MpiReplicas : IReplicas, IBackgroundSums
{
    private const int QuickLooks = 50; // before a look a millisecond: a core that waits is a core that does not compute
    private const string AffinityFile = "/proc/self/status", AffinityKey = "Cpus_allowed:";
    private readonly MpiLibrary _mpi;
    private readonly int _bucket;
    private readonly nint _background; // a network of messages of its own, or 0
    private readonly ReplicaWatch? _watch;
    private readonly Stopwatch _met = new();

    private MpiReplicas(MpiLibrary mpi, ReplicaOptions options, bool hasThreads, Action<string> say)
    {
        (_mpi, _bucket) = (mpi, options.BucketKilobytes * 1024 / sizeof(float));
        int rank, count;
        Check(mpi.Rank(mpi.World, &rank), "MPI_Comm_rank");
        Check(mpi.Size(mpi.World, &count), "MPI_Comm_size");
        (Rank, Count) = (rank, count);
        if (Count > 1)
        {
            string[] hosts = this.Gather(Environment.MachineName);
            _watch = new(mpi, hosts, rank, TimeSpan.FromSeconds(options.Timeout.Value), hasThreads, say);
            ShareCores();
            if (hasThreads)
            {
                nint background;
                Check(mpi.Duplicate(mpi.World, &background), "MPI_Comm_dup");
                _background = background;
            }
        }
    }

    /// <inheritdoc />
    public int Rank { get; }

    /// <inheritdoc />
    public int Count { get; }

    /// <inheritdoc />
    public TimeSpan Met => _met.Elapsed;

    internal static MpiReplicas Start(ReplicaOptions options, Action<string> say)
    {
        var mpi = new MpiLibrary();
        int provided;
        Check(mpi.InitThread(null, null, MpiLibrary.ThreadMultiple, &provided), "MPI_Init_thread");
        return new(mpi, options, provided == MpiLibrary.ThreadMultiple, say);
    }

    /// <inheritdoc />
    public void Sum(Span<float> values)
    {
        fixed (float* start = values)
        {
            for (int i = 0; i < values.Length; i += _bucket)
            {
                Sum(start + i, Math.Min(_bucket, values.Length - i), _mpi.Float);
            }
        }
    }

    /// <inheritdoc />
    public void Sum(Span<double> values)
    {
        fixed (double* start = values)
        {
            Sum(start, values.Length, _mpi.Double);
        }
    }

    /// <inheritdoc />
    public bool CanSumInBackground => _background != 0;

    /// <inheritdoc />
    public void SumInBackground(Span<float> values)
    {
        fixed (float* start = values)
        {
            for (int i = 0; i < values.Length; i += _bucket)
            {
                nint request;
                Check(_mpi.StartAllReduce(
                    MpiLibrary.InPlace, start + i, Math.Min(_bucket, values.Length - i), _mpi.Float, _mpi.Plus, _background, &request), "MPI_Iallreduce");
                for (int look = 0; !IsDone(&request); look++)
                {
                    Thread.Sleep(look < QuickLooks ? 0 : 1);
                }
            }
        }
    }

    /// <inheritdoc />
    public void Await(Task sums)
    {
        using var meeting = new Meeting(this);
        sums.GetAwaiter().GetResult();
    }

    /// <inheritdoc />
    public void Broadcast(Span<byte> bytes)
    {
        using var meeting = new Meeting(this);
        fixed (byte* start = bytes)
        {
            Check(_mpi.Broadcast(start, bytes.Length, _mpi.Byte, 0, _mpi.World), "MPI_Bcast");
        }
    }

    /// <inheritdoc />
    public void Gather(ReadOnlySpan<byte> mine, Span<byte> all)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(all.Length, mine.Length * Count, nameof(all));
        using var meeting = new Meeting(this);
        fixed (byte* from = mine, to = all)
        {
            Check(_mpi.AllGather(from, mine.Length, _mpi.Byte, to, mine.Length, _mpi.Byte, _mpi.World), "MPI_Allgather");
        }
    }

    /// <inheritdoc />
    public void Abort(int exitCode)
    {
        _ = _mpi.Abort(_mpi.World, exitCode);
        Environment.Exit(exitCode);
    }

    /// <summary>Leaves the job, once all are here.</summary>
    public void Dispose()
    {
        if (_watch is not null)
        {
            _ = this.Any(false);
            _watch.Dispose();
        }
        Check(_mpi.Finish(), "MPI_Finalize");
    }

    /// <summary>Open MPI ends the job by itself where the network fails; what comes back is a wrong call.</summary>
    private static void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{function} gave {result.ToString(CultureInfo.InvariantCulture)}");
        }
    }

    private bool IsDone(nint* request)
    {
        int done;
        Check(_mpi.Test(request, &done, null), "MPI_Test");
        return done != 0;
    }

    private void Sum(void* values, int length, nint type)
    {
        using var meeting = new Meeting(this);
        Check(_mpi.AllReduce(MpiLibrary.InPlace, values, length, type, _mpi.Plus, _mpi.World), "MPI_Allreduce");
    }

    /// <summary>Replicas that may run on the same cores, because the launcher did not bind them apart, divide them.</summary>
    private void ShareCores()
    {
        string? cores = File.Exists(AffinityFile)
            ? File.ReadLines(AffinityFile).FirstOrDefault(line => line.StartsWith(AffinityKey, StringComparison.Ordinal))
            : null;
        string mine = $"{Environment.MachineName} {cores}";
        TorchRuntime.ProcessesOnTheseCores = this.Gather(mine).Count(other => other == mine);
    }

    /// <summary>The time of a meeting, for the watch and for the log.</summary>
    private readonly ref struct Meeting
    {
        private readonly MpiReplicas _replicas;

        internal Meeting(MpiReplicas replicas)
        {
            _replicas = replicas;
            replicas._watch?.Enter();
            replicas._met.Start();
        }

        public void Dispose()
        {
            _replicas._met.Stop();
            _replicas._watch?.Leave();
        }
    }
}
