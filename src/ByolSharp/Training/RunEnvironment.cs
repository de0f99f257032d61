using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using TorchSharp;

namespace ByolSharp.Training;

/// <summary>What a result depends on besides the options: versions, processor, threads.</summary>
public static class RunEnvironment
{
    /// <summary>The facts as they stand now.</summary>
    public static JsonObject Describe() => new()
    {
        ["byolsharp"] = InformationalVersion(typeof(RunEnvironment).Assembly),
        ["torchsharp"] = InformationalVersion(typeof(torch).Assembly),
        ["libtorch"] = Libtorch.Version.ToString(),
        ["libtorch_path"] = Libtorch.Path,
        ["dotnet"] = RuntimeInformation.FrameworkDescription,
        ["os"] = RuntimeInformation.OSDescription,
        ["cpu"] = Processor(),
        ["cores"] = TorchRuntime.AvailableCores,
        ["threads"] = torch.get_num_threads(),
        ["memory_mib"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
        ["cuda"] = torch.cuda.is_available(),
        ["gpus"] = torch.cuda.is_available() ? torch.cuda.device_count() : 0,
        ["command"] = string.Join(' ', Environment.GetCommandLineArgs().Skip(1)),
        ["started"] = DateTimeOffset.Now.ToString("O", CultureInfo.InvariantCulture),
    };

    /// <summary>The version with the git commit that the build recorded.</summary>
    private static string InformationalVersion(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static string Processor()
    {
        const string info = "/proc/cpuinfo";
        string? line = File.Exists(info) ? File.ReadLines(info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
