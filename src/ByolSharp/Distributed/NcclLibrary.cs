using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ByolSharp.Distributed;

/// <summary>The functions of NCCL that are needed, by name out of the library that PyTorch for CUDA brings or the system has (nccl.h of 2.x).</summary>
internal sealed unsafe class NcclLibrary
{
    internal const int Byte = 1, Float = 7, Double = 8, Plus = 0;

    internal readonly delegate* unmanaged<NcclId*, int> NewId;
    internal readonly delegate* unmanaged<nint*, int, NcclId, int, int> Join;
    internal readonly delegate* unmanaged<nint, int> Leave;
    internal readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> AllReduce;
    internal readonly delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int> Broadcast;
    internal readonly delegate* unmanaged<nint, nint, nuint, int, nint, nint, int> AllGather;
    private readonly delegate* unmanaged<int, byte*> _errorText;

    /// <summary>Loads the library.</summary>
    /// <param name="file">Its path; null looks beside libtorch and where the system's loader looks.</param>
    /// <exception cref="ConfigurationException">There is none.</exception>
    internal NcclLibrary(string? file = null)
    {
        nint library = 0;
        if (!(file is not null ? [file] : Places()).Any(place => NativeLibrary.TryLoad(place, out library)))
        {
            throw new ConfigurationException("replicas.engine=nccl needs libnccl.so.2, which PyTorch for CUDA brings (nvidia-nccl): put it on LD_LIBRARY_PATH, or set replicas.engine=mpi.");
        }
        NewId = (delegate* unmanaged<NcclId*, int>)NativeLibrary.GetExport(library, "ncclGetUniqueId");
        Join = (delegate* unmanaged<nint*, int, NcclId, int, int>)NativeLibrary.GetExport(library, "ncclCommInitRank");
        Leave = (delegate* unmanaged<nint, int>)NativeLibrary.GetExport(library, "ncclCommDestroy");
        AllReduce = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)NativeLibrary.GetExport(library, "ncclAllReduce");
        Broadcast = (delegate* unmanaged<nint, nint, nuint, int, int, nint, nint, int>)NativeLibrary.GetExport(library, "ncclBroadcast");
        AllGather = (delegate* unmanaged<nint, nint, nuint, int, nint, nint, int>)NativeLibrary.GetExport(library, "ncclAllGather");
        _errorText = (delegate* unmanaged<int, byte*>)NativeLibrary.GetExport(library, "ncclGetErrorString");
    }

    /// <summary>Throws where a call gave anything but success.</summary>
    internal void Check(int result, string function)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{function}: {Marshal.PtrToStringUTF8((nint)_errorText(result))}");
        }
    }

    private static IEnumerable<string> Places()
    {
        const string name = "libnccl.so.2";
        if (Path.GetDirectoryName(Libtorch.Path) is { Length: > 0 } folder)
        {
            yield return Path.Combine(folder, name);
            yield return Path.Combine(folder, "..", "..", "nvidia", "nccl", "lib", name); // where pip puts it
        }
        yield return name;
    }
}

/// <summary>ncclUniqueId: passed by value.</summary>
[InlineArray(128)]
internal struct NcclId
{
    private byte _first;
}
