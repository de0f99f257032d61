using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class AvailableMemoryTests : IDisposable
{
    private const long Mebibyte = 1 << 20;
    private readonly TempFolder _folder = new();

    public AvailableMemoryTests() => _folder.Write("proc/meminfo", "MemTotal: 16777216 kB\nMemFree: 100 kB\nMemAvailable: 8388608 kB\n");

    [Fact]
    public void Without_groups_it_is_what_the_system_has() => Assert.Equal(8192 * Mebibyte, Bytes);

    [Fact]
    public void The_tightest_group_counts_and_file_pages_do_not()
    {
        _folder.Write("proc/self/cgroup", "0::/a/b\n");
        Group("groups", "max", 0);
        Group("groups/a", $"{1000 * Mebibyte}", 600 * Mebibyte, $"anon 5\ninactive_file {100 * Mebibyte}\n");
        Group("groups/a/b", $"{2000 * Mebibyte}", 500 * Mebibyte);

        Assert.Equal(500 * Mebibyte, Bytes);
    }

    [Fact]
    public void The_first_version_of_groups_counts_too()
    {
        _folder.Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/x\n");
        _folder.Write("groups/memory/x/memory.limit_in_bytes", $"{300 * Mebibyte}\n");
        _folder.Write("groups/memory/x/memory.usage_in_bytes", $"{100 * Mebibyte}\n");

        Assert.Equal(200 * Mebibyte, Bytes);
    }

    [Fact]
    public void This_machine_has_some() => Assert.InRange(AvailableMemory.Bytes(), 1, long.MaxValue - 1);

    public void Dispose() => _folder.Dispose();

    private long Bytes => AvailableMemory.Of(_folder.Of("proc"), _folder.Of("groups"));

    private void Group(string folder, string limit, long used, string statistics = "")
    {
        _folder.Write($"{folder}/memory.max", limit + "\n");
        _folder.Write($"{folder}/memory.current", $"{used}\n");
        _folder.Write($"{folder}/memory.stat", statistics);
    }
}
