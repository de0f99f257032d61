using System.Globalization;
using System.Runtime.InteropServices;
using TorchSharp;

namespace ByolSharp;

/// <summary>Prepares libtorch before its first use: thread policy, and an error that says what to do where it does not load.</summary>
public static partial class TorchRuntime
{
    private static readonly Lock Gate = new();
    private static bool s_ready;

    /// <summary>Cores that this process may really use: affinity and container limits count.</summary>
    public static int AvailableCores => Math.Max(1, Environment.ProcessorCount / ProcessesOnTheseCores);

    /// <summary>Replicas of one training that were left the same cores.</summary>
    internal static int ProcessesOnTheseCores { get; set; } = 1;

    /// <summary>Threads that prepare data beside the computing ones where nobody says how many.</summary>
    internal static int DataThreads => Math.Max(1, AvailableCores - 1);

    /// <summary>Loads libtorch and sets its threads. Call it before any other use of TorchSharp.</summary>
    /// <param name="threads">Compute threads; 0 for the cores available.</param>
    /// <exception cref="StorageException">The native library does not load; the message says how to mend it.</exception>
    public static void Initialize(int threads = 0)
    {
        Prepare();
        torch.set_num_threads(threads > 0 ? threads : AvailableCores);
    }

    /// <summary>The same without a say on threads.</summary>
    internal static void Prepare()
    {
        lock (Gate)
        {
            if (!s_ready)
            {
                LimitSpinning();
                FreedMemory.Keep();
                Load();
                HiddenCaches.Tell();
                s_ready = true;
            }
        }
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
        if (ExternalLibtorch.Folder is { } folder)
        {
            ExternalLibtorch.Load(folder);
        }
        // Asked first, because TorchSharp's own attempt hides the loader's message behind another and copies half a gigabyte.
        if (OperatingSystem.IsLinux() && Problem() is { } problem)
        {
            throw new StorageException($"libtorch does not load: {problem}");
        }
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception failure) when (failure is NotSupportedException or DllNotFoundException or TypeInitializationException or BadImageFormatException)
        {
            throw new StorageException("libtorch does not load: reference a libtorch package for this platform (build property ByolBackend).", failure);
        }
    }

    /// <summary>What keeps the library beside the program from loading, or null. Where there is none, TorchSharp may know another place.</summary>
    private static string? Problem()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        if (!File.Exists(library))
        {
            return null;
        }
        try
        {
            NativeLibrary.Load(library);
            return null;
        }
        catch (DllNotFoundException failure) when (failure.Message.Contains("GLIBCXX", StringComparison.Ordinal))
        {
            return "this system's libstdc++ is older than GCC 13; build again on this machine, or elsewhere with -p:ByolMendNative=always.";
        }
        catch (DllNotFoundException) when (ExternalLibtorch.Folder is null && ExternalLibtorch.BuiltIn is null)
        {
            return $"this build brings none; set {ExternalLibtorch.Variable} to the torch/lib folder of a PyTorch {Libtorch.Required}, or build with -p:ByolBackend=cpu.";
        }
        catch (DllNotFoundException failure)
        {
            return Libtorch.ReasonOf(failure);
        }
    }

    /// <summary>Shows this process one GPU of its machine, which then is number 0 to all libraries; before any of them looks.</summary>
    /// <param name="number">Of those that the environment allows, from 0.</param>
    internal static void UseOneGpu(int number)
    {
        const string variable = "CUDA_VISIBLE_DEVICES";
        string[] allowed = Environment.GetEnvironmentVariable(variable)?.Split(',') ?? [];
        string mine = allowed.Length == 0 ? number.ToString(CultureInfo.InvariantCulture) : allowed[number % allowed.Length]; // Slurm may have chosen it already
        if (OperatingSystem.IsLinux())
        {
            _ = SetEnvironment(variable, mine, overwrite: 1);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
