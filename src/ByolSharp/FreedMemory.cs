using System.Runtime.InteropServices;

namespace ByolSharp;

/// <summary>What happens to native memory that tensors leave, in glibc's allocator; elsewhere it does nothing.</summary>
internal static partial class FreedMemory
{
    private const int StepsBetweenTrims = 10;
    private const int TrimThreshold = -1, MapThreshold = -3; // malloc.h
    private static readonly string[] _settings = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"];
    private static bool s_canTrim = OperatingSystem.IsLinux();

    /// <summary>
    /// Lets the allocator keep what is freed for the next step. By default every map above 32 MiB comes from the system and goes back to it, and the new, zeroed
    /// pages of each cost more than the layer that fills them (docs/performance.md). Where the user has set the allocator, nothing is changed.
    /// </summary>
    internal static void Keep()
    {
        if (!OperatingSystem.IsLinux() || Array.Exists(_settings, name => Environment.GetEnvironmentVariable(name) is not null))
        {
            return;
        }
        try
        {
            _ = SetAllocator(MapThreshold, int.MaxValue);
            _ = SetAllocator(TrimThreshold, int.MaxValue);
        }
        catch (EntryPointNotFoundException)
        {
            // another C library, such as musl
        }
    }

    /// <summary>
    /// Gives memory back to the system: glibc before 2.38 does not reuse freed aligned blocks well, so that a training which leaks nothing would grow all the
    /// time. Done only once the process has grown, it grew all the same, by a few percent in thousands of steps.
    /// </summary>
    /// <param name="step">Where a loop is that calls this in each step: only every tenth does anything.</param>
    internal static void Return(long step)
    {
        if (step % StepsBetweenTrims == 0)
        {
            Trim();
        }
    }

    private static void Trim()
    {
        if (s_canTrim)
        {
            try
            {
                _ = TrimHeap(0);
            }
            catch (EntryPointNotFoundException)
            {
                s_canTrim = false;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int TrimHeap(nint padding);
}
