namespace ByolSharp.Distributed;

/// <summary>Joins the processes of a job.</summary>
public static class Replicas
{
    /// <summary>Variables that MPI's launchers set: those of Open MPI, PMIx (Slurm) and PMI (Hydra, Slurm).</summary>
    private static readonly string[] LaunchVariables = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_SIZE"];

    private static readonly string[] RankVariables = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"];

    private static readonly string[] LocalVariables = ["OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID"];

    /// <summary>True where a launcher of MPI started this process.</summary>
    public static bool IsLaunched => LaunchVariables.Any(name => Environment.GetEnvironmentVariable(name) is not null);

    /// <summary>Number of this process in its job, as the launcher says; 0 without one.</summary>
    public static int LaunchedRank => Number(RankVariables);

    /// <summary>Number of this process among those of its machine, as the launcher says; 0 without one.</summary>
    internal static int LocalRank => Number(LocalVariables);

    /// <summary>Joins the other processes of the job; once in the life of a process where there are several.</summary>
    /// <param name="options">What joins them.</param>
    /// <param name="say">Told, before the job ends, which replica was lost; null: nobody.</param>
    /// <exception cref="ConfigurationException">An option is out of range, or the system has no Open MPI.</exception>
    public static IReplicas Open(ReplicaOptions options, Action<string>? say = null)
    {
        options.Validate();
        return options.Engine switch
        {
            ReplicaEngine.Nccl => OverNccl(),
            ReplicaEngine.Mpi => OverMpi(),
            ReplicaEngine.Auto when IsLaunched => OverMpi(),
            _ => SingleReplica.Instance,
        };

        MpiReplicas OverMpi() => MpiReplicas.Start(options, say ?? (_ => { }));

        NcclReplicas OverNccl()
        {
            TorchRuntime.UseOneGpu(LocalRank);
            TorchRuntime.Prepare(); // whose libtorch may bring NCCL
            var library = new NcclLibrary();
            return new(OverMpi(), library);
        }
    }

    private static int Number(string[] variables) =>
        int.TryParse(variables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is not null), out int number) ? number : 0;
}
