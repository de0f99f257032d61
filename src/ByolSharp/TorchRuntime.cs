using System.Runtime.InteropServices;
using TorchSharp;

namespace ByolSharp;

/// <summary>Prepares libtorch before its first use: thread policy, and an error that says what to do where it does not load.</summary>
public static partial class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static bool s_ready;

    /// <summary>Cores that this process may really use: affinity and container limits count.</summary>
    public static int AvailableCores => Environment.ProcessorCount;

    /// <summary>Loads libtorch and sets its threads. Call it before any other use of TorchSharp.</summary>
    /// <param name="threads">Compute threads; 0 for the cores available.</param>
    /// <exception cref="StorageException">The native library does not load; the message says how to mend it.</exception>
    public static void Initialize(int threads = 0)
    {
        lock (Gate)
        {
            if (!s_ready)
            {
                LimitSpinning();
                Load();
                s_ready = true;
            }
        }
        torch.set_num_threads(threads > 0 ? threads : AvailableCores);
    }

    /// <summary>
    /// OpenMP threads that wait by spinning make libtorch collapse by an order of magnitude when another process wants the core;
    /// a short spin costs little on a quiet machine. The environment must be set natively, before the OpenMP library loads.
    /// </summary>
    private static void LimitSpinning()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") is null
            && Environment.GetEnvironmentVariable("OMP_WAIT_POLICY") is null)
        {
            _ = SetEnvironment("GOMP_SPINCOUNT", "10000", 0);
        }
    }

    private static void Load()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception failure) when (failure is NotSupportedException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new StorageException($"libtorch does not load: {Diagnose()}", failure);
        }
    }

    /// <summary>TorchSharp's own message hides the loader's; this asks the loader again.</summary>
    private static string Diagnose()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "is a libtorch package for this platform referenced (libtorch-cpu-…)?";
        }
        string library = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (!File.Exists(library))
        {
            return $"{library} is missing; reference libtorch-cpu-linux-x64 (build property ByolBackend) and build for linux-x64.";
        }
        try
        {
            NativeLibrary.Load(library);
            return "the library loads by itself; remove other copies of libtorch from LD_LIBRARY_PATH.";
        }
        catch (DllNotFoundException failure) when (failure.Message.Contains("GLIBCXX", StringComparison.Ordinal))
        {
            return "this system's libstdc++ is older than GCC 13; build again on this machine, or with -p:ByolMendNative=always.";
        }
        catch (DllNotFoundException failure)
        {
            return failure.Message.ReplaceLineEndings(" ");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
