using System.Globalization;

namespace ByolSharp.Tuning;

/// <summary>How much memory this process can still take: what the system has left, and what the control groups of a container leave of it.</summary>
internal static class AvailableMemory
{
    private const string NoLimit = "max";

    /// <summary>Bytes.</summary>
    internal static long Bytes() => OperatingSystem.IsLinux() ? Of("/proc", "/sys/fs/cgroup") : Managed();

    /// <summary>The same from the files below two folders.</summary>
    internal static long Of(string proc, string groups)
    {
        long system = Fields(Path.Combine(proc, "meminfo")).TryGetValue("MemAvailable:", out long kilobytes) ? kilobytes << 10 : Managed();
        return Folders(proc, groups).Select(Left).Append(system).Min();
    }

    private static long Managed()
    {
        var memory = GC.GetGCMemoryInfo();
        return Math.Max(0, memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes);
    }

    /// <summary>The folders of the process's control group and all above it, of version 2 and of version 1.</summary>
    private static IEnumerable<string> Folders(string proc, string groups)
    {
        string file = Path.Combine(proc, "self", "cgroup");
        foreach (string[] parts in File.Exists(file) ? File.ReadLines(file).Select(line => line.Split(':', 3)).Where(p => p.Length == 3) : [])
        {
            string? root = parts[1].Length == 0 ? groups : parts[1].Split(',').Contains("memory") ? Path.Combine(groups, "memory") : null;
            for (string path = parts[2].Trim('/'); root is not null; path = Path.GetDirectoryName(path) ?? "")
            {
                yield return Path.Combine(root, path);
                if (path.Length == 0)
                {
                    break;
                }
            }
        }
    }

    /// <summary>What a group's limit leaves; pages of files that can be given up do not count as used.</summary>
    private static long Left(string folder)
    {
        long? limit = Number(folder, "memory.max") ?? Number(folder, "memory.limit_in_bytes");
        long? used = Number(folder, "memory.current") ?? Number(folder, "memory.usage_in_bytes");
        if (limit is null || used is null)
        {
            return long.MaxValue;
        }
        var statistics = Fields(Path.Combine(folder, "memory.stat"));
        long files = statistics.GetValueOrDefault("total_inactive_file", statistics.GetValueOrDefault("inactive_file"));
        return Math.Max(0, limit.Value - used.Value + files);
    }

    private static long? Number(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        return File.Exists(file) && File.ReadAllText(file).Trim() is var text && text != NoLimit && long.TryParse(text, CultureInfo.InvariantCulture, out long value)
            ? value
            : null;
    }

    /// <summary>Lines of a name and a number.</summary>
    private static Dictionary<string, long> Fields(string file) =>
        (File.Exists(file) ? File.ReadLines(file) : []).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(p => p.Length >= 2 && long.TryParse(p[1], CultureInfo.InvariantCulture, out _))
            .ToDictionary(p => p[0], p => long.Parse(p[1], CultureInfo.InvariantCulture));
}
