using System.Diagnostics.Metrics;

namespace ByolSharp.Onnx;

/// <summary>What OpenTelemetry and <c>dotnet-counters</c> see of the embeddings: add the meter <see cref="MeterName"/>.</summary>
public static class EmbeddingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ByolSharp.Onnx";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("byolsharp.failures", "{image}", "Images that could not be decoded.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("byolsharp.batch.duration", "s", "Time of a batch: ONNX Runtime and, unless batches are shared, decoding and resizing, or tokenizing.");

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("byolsharp.batch.size", "{sample}", "Images or texts that were embedded at once.");

    /// <summary>Counts images.</summary>
    internal static Counter<long> Images { get; } = Meter.CreateCounter<long>("byolsharp.images", "{image}", "Images embedded.");

    /// <summary>Counts texts.</summary>
    internal static Counter<long> Texts { get; } = Meter.CreateCounter<long>("byolsharp.texts", "{text}", "Texts embedded.");

    internal static void Count(Counter<long> kind, int samples, TimeSpan duration)
    {
        BatchSize.Record(samples);
        kind.Add(samples);
        Duration.Record(duration.TotalSeconds);
    }

    internal static void CountFailure() => Failures.Add(1);
}
