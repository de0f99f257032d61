using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace ByolSharp.Benchmarks;

/// <summary>How all kernels are measured: processor time, short iterations, and quantiles instead of means, because machines are seldom quiet.</summary>
/// <remarks>
/// In this process: a child project, which BenchmarkDotNet makes by default, would inherit the build settings of the repository (its generated
/// code has warnings) and bring half a gigabyte of native libraries of its own.
/// </remarks>
internal sealed class KernelConfig : ManualConfig
{
    public KernelConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithClock(new ProcessorClock())
            .WithIterationTime(TimeInterval.FromMilliseconds(30))
            .WithWarmupCount(3)
            .WithIterationCount(11));
        AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params);
        AddColumn(StatisticColumn.Median, StatisticColumn.Q1, StatisticColumn.Q3, StatisticColumn.OperationsPerSecond);
        AddExporter(MarkdownExporter.GitHub);
        AddLogger(ConsoleLogger.Default);
        WithOptions(ConfigOptions.DisableOptimizationsValidator);
        WithArtifactsPath(Path.Combine("artifacts", "benchmarks"));
    }
}
