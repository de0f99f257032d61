using System.Runtime.InteropServices;

namespace ByolSharp.Distributed;

/// <summary>
/// The functions of Open MPI that are needed, found by name in the system's library: no package of MPI for .NET loads today's libraries. Open MPI's
/// handles are addresses of symbols, other MPIs' are numbers, so no other one fits.
/// </summary>
internal sealed unsafe class MpiLibrary
{
    internal const int ThreadMultiple = 3, AnySource = -1;

    private const string Install = "install Open MPI 4 or 5 (Debian: apt-get install openmpi-bin), or set replicas.engine=single";
    private static readonly string[] Names = OperatingSystem.IsLinux() ? ["libmpi.so.40", "libmpi.so"] : ["libmpi.40.dylib", "libmpi.dylib"];

    internal readonly delegate* unmanaged<int*, byte***, int, int*, int> InitThread;
    internal readonly delegate* unmanaged<int> Finish;
    internal readonly delegate* unmanaged<nint, int, int> Abort;
    internal readonly delegate* unmanaged<nint, int*, int> Rank;
    internal readonly delegate* unmanaged<nint, int*, int> Size;
    internal readonly delegate* unmanaged<nint, nint*, int> Duplicate;
    internal readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, int> AllReduce;
    internal readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int> StartAllReduce;
    internal readonly delegate* unmanaged<nint*, int*, MpiStatus*, int> Test;
    internal readonly delegate* unmanaged<void*, int, nint, int, nint, int> Broadcast;
    internal readonly delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> AllGather;
    internal readonly delegate* unmanaged<int, int, nint, int*, MpiStatus*, int> Probe;
    internal readonly delegate* unmanaged<void*, int, nint, int, int, nint, int> Send;
    internal readonly delegate* unmanaged<void*, int, nint, int, int, nint, MpiStatus*, int> Receive;

    /// <summary>Loads the library.</summary>
    /// <exception cref="ConfigurationException">There is none, or it is no Open MPI.</exception>
    internal MpiLibrary()
    {
        nint library = 0;
        if (!Names.Any(name => NativeLibrary.TryLoad(name, out library)))
        {
            throw new ConfigurationException($"several replicas need Open MPI, and {Names[0]} does not load: {Install}.");
        }
        World = Find(library, "ompi_mpi_comm_world");
        (Float, Double, Byte) = (Find(library, "ompi_mpi_float"), Find(library, "ompi_mpi_double"), Find(library, "ompi_mpi_byte"));
        Plus = Find(library, "ompi_mpi_op_sum");
        InitThread = (delegate* unmanaged<int*, byte***, int, int*, int>)Find(library, "MPI_Init_thread");
        Finish = (delegate* unmanaged<int>)Find(library, "MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Find(library, "MPI_Abort");
        Rank = (delegate* unmanaged<nint, int*, int>)Find(library, "MPI_Comm_rank");
        Size = (delegate* unmanaged<nint, int*, int>)Find(library, "MPI_Comm_size");
        Duplicate = (delegate* unmanaged<nint, nint*, int>)Find(library, "MPI_Comm_dup");
        AllReduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)Find(library, "MPI_Allreduce");
        StartAllReduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, nint*, int>)Find(library, "MPI_Iallreduce");
        Test = (delegate* unmanaged<nint*, int*, MpiStatus*, int>)Find(library, "MPI_Test");
        Broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Find(library, "MPI_Bcast");
        AllGather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Find(library, "MPI_Allgather");
        Probe = (delegate* unmanaged<int, int, nint, int*, MpiStatus*, int>)Find(library, "MPI_Iprobe");
        Send = (delegate* unmanaged<void*, int, nint, int, int, nint, int>)Find(library, "MPI_Send");
        Receive = (delegate* unmanaged<void*, int, nint, int, int, nint, MpiStatus*, int>)Find(library, "MPI_Recv");
    }

    /// <summary>MPI_COMM_WORLD.</summary>
    internal nint World { get; }

    internal nint Float { get; }

    internal nint Double { get; }

    internal nint Byte { get; }

    /// <summary>MPI_SUM.</summary>
    internal nint Plus { get; }

    /// <summary>MPI_IN_PLACE.</summary>
    internal static void* InPlace => (void*)1;

    private static nint Find(nint library, string symbol) => NativeLibrary.TryGetExport(library, symbol, out nint address)
        ? address
        : throw new ConfigurationException($"the MPI library of this system has no {symbol}, so it is not Open MPI: {Install}.");
}

/// <summary>MPI_Status of Open MPI.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MpiStatus
{
    internal int Source, Tag, Error, Cancelled;
    internal nuint Length;
}
