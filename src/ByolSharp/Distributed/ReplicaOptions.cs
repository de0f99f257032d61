namespace ByolSharp.Distributed;

/// <summary>What joins the replicas of a training.</summary>
public enum ReplicaEngine
{
    /// <summary>MPI where the program was started by mpirun, srun or another MPI launcher, one process alone where not.</summary>
    Auto,

    /// <summary>One process, however it was started.</summary>
    Single,

    /// <summary>MPI, also for a single process.</summary>
    Mpi,

    /// <summary>MPI, and NCCL for what lies on GPUs: one replica a GPU. Written after its documentation and not yet run on a GPU.</summary>
    Nccl,
}

/// <summary>Options of a training in several processes (docs/distributed.md). Of no effect on one process.</summary>
public sealed record ReplicaOptions
{
    /// <summary>What joins the replicas. Default auto.</summary>
    public ReplicaEngine Engine { get; init; } = ReplicaEngine.Auto;

    /// <summary>
    /// How long a replica waits for the others before the whole job ends, as a wall-clock time of at least 1s; longer than an evaluation and
    /// a checkpoint take. Default 10m, as PyTorch's.
    /// </summary>
    public Duration Timeout { get; init; } = Duration.Of(TimeSpan.FromMinutes(10));

    /// <summary>
    /// Gradients that are summed in one call, in KiB, 16 or more. Default 1024: what fits a core's cache, 1.7 times as fast as 45 MB in one call
    /// on two processes of one machine.
    /// </summary>
    public int BucketKilobytes { get; init; } = 1024;

    /// <summary>Batch norm over the samples of all replicas, so that their number does not shape the result. Default and paper: true.</summary>
    public bool SyncBatchNorm { get; init; } = true;

    /// <summary>
    /// Sums gradients while the backward pass computes others, on the CPU. Pays where the network is slow and a core is left beside the compute threads.
    /// Default false.
    /// </summary>
    public bool OverlapGradients { get; init; }

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.AtLeast("replicas.bucketKilobytes", BucketKilobytes, 16);
        if (Timeout.Unit != DurationUnit.Seconds || Timeout.Value < 1)
        {
            throw new ConfigurationException($"replicas.timeout is {Timeout}; give a time of at least 1s.");
        }
    }
}
