using Perfolizer.Horology;

namespace ByolSharp.Benchmarks;

/// <summary>
/// The processor time of this process, so that a figure means one core's work and does not count the time that other programs had the core. The
/// kernels here run on one thread.
/// </summary>
internal sealed class ProcessorClock : IClock
{
    public string Title => "processor time";

    public bool IsAvailable => true;

    public Frequency Frequency => new(TimeSpan.TicksPerSecond);

    public long GetTimestamp() => Environment.CpuUsage.TotalTime.Ticks;
}
