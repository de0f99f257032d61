using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ByolSharp;

/// <summary>The native libtorch that this process uses, once <see cref="TorchRuntime"/> or TorchSharp has loaded it.</summary>
public static class Libtorch
{
    /// <summary>The release whose C++ interface TorchSharp was built against; others crash in the first operations.</summary>
    internal static readonly Version Required = new(2, 10);

    private const string VersionSymbol = "aoti_torch_abi_version";

    /// <summary>Its release, such as 2.10.0.</summary>
    public static Version Version => VersionOf(Handle) ?? new Version();

    /// <summary>The file that it was loaded from, or an empty text where the system does not tell.</summary>
    public static string Path => ModulePaths("torch_cpu").FirstOrDefault() ?? "";

    /// <summary>True where its CUDA part is loaded too; whether a GPU can be used is another question.</summary>
    public static bool HasCuda => ModulePaths("torch_cuda").Any();

    // By its bare name the loader gives the library that is already there, wherever it came from.
    private static nint Handle => NativeLibrary.Load(FileNameOf("torch_cpu"));

    /// <summary>Address of a function that TorchSharp does not offer, or 0 where this libtorch has none of that name.</summary>
    internal static nint Export(string symbol) => NativeLibrary.TryGetExport(Handle, symbol, out nint address) ? address : 0;

    /// <summary>What the library itself says of its release, or null: before 2.9 it says nothing.</summary>
    internal static unsafe Version? VersionOf(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, VersionSymbol, out nint address))
        {
            return null;
        }
        ulong version = ((delegate* unmanaged<ulong>)address)();
        return new((byte)(version >> 56), (byte)(version >> 48), (byte)(version >> 40));
    }

    /// <summary>What the system's loader said: the last line, after .NET's own advice.</summary>
    internal static string ReasonOf(DllNotFoundException failure) => failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Trim();

    internal static string FileNameOf(string library) =>
        OperatingSystem.IsWindows() ? $"{library}.dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";

    private static IEnumerable<string> ModulePaths(string library)
    {
        using var process = Process.GetCurrentProcess();
        return process.Modules.Cast<ProcessModule>().Where(m => m.ModuleName == FileNameOf(library)).Select(m => m.FileName).Distinct().ToList();
    }
}
