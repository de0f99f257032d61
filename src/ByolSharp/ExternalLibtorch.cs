using System.Runtime.InteropServices;

namespace ByolSharp;

/// <summary>
/// A libtorch of the user's own in the place of the one that was built in, such as <c>torch/lib</c> of a PyTorch for CUDA. Loaded first, it also
/// serves TorchSharp's library: the system's loader asks for a dependency by its name, and that name is then taken.
/// </summary>
internal static class ExternalLibtorch
{
    /// <summary>Environment variable with the folder that holds the library.</summary>
    internal const string Variable = "BYOL_LIBTORCH";

    private const string Mend = "give the folder that holds libtorch_cpu.so, such as torch/lib of a PyTorch installation.";

    /// <summary>The folder that the user names, or null.</summary>
    internal static string? Folder => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? folder : null;

    /// <summary>The libtorch beside the program, which TorchSharp would load as well.</summary>
    internal static string? BuiltIn => new[] { "", "runtimes/linux-x64/native" }
        .Select(place => Path.Combine(AppContext.BaseDirectory, place, "libtorch_cpu.so")).FirstOrDefault(File.Exists);

    /// <summary>Loads libtorch from a folder; before any use of TorchSharp.</summary>
    /// <exception cref="StorageException">There is no libtorch, it does not load, or it is of another release.</exception>
    internal static void Load(string folder)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new StorageException($"{Variable} works on Linux only: unset it and choose the library with the build property ByolBackend.");
        }
        if (!Directory.Exists(folder))
        {
            throw new StorageException($"{Variable} names {folder}, which does not exist; {Mend}");
        }
        if (BuiltIn is { } own)
        {
            throw new StorageException(
                $"{Variable} is set, but this build brings a libtorch of its own ({own}), and two cannot live together: build with -p:ByolBackend=none.");
        }
        Check(folder, Libtorch.VersionOf(Load(folder, "libtorch_cpu.so")));
        if (File.Exists(Path.Combine(folder, "libtorch_cuda.so")))
        {
            Load(folder, "libtorch_cuda.so");
        }
        Load(folder, "libtorch.so");
    }

    private static nint Load(string folder, string name)
    {
        string file = Path.Combine(Path.GetFullPath(folder), name);
        if (!File.Exists(file))
        {
            throw new StorageException($"{Variable} names {folder}, which holds no {name}; {Mend}");
        }
        try
        {
            return NativeLibrary.Load(file);
        }
        catch (DllNotFoundException failure)
        {
            throw new StorageException($"{Variable}: {file} does not load: {Libtorch.ReasonOf(failure)}", failure);
        }
    }

    private static void Check(string folder, Version? version)
    {
        var required = Libtorch.Required;
        if (version is null || version.Major != required.Major || version.Minor != required.Minor)
        {
            string found = version is null ? "a libtorch older than 2.9" : $"libtorch {version}";
            throw new StorageException(
                $"{Variable} names {folder}, which holds {found} where {required} is needed: install PyTorch {required} and name its torch/lib.");
        }
    }
}
