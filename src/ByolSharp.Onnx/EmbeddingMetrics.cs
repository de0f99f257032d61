using System.Diagnostics.Metrics;

namespace ByolSharp.Onnx;

/// <summary>What OpenTelemetry and <c>dotnet-counters</c> see of the embeddings: add the meter <see cref="MeterName"/>.</summary>
public static class EmbeddingMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "ByolSharp.Onnx";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Counter<long> Images = Meter.CreateCounter<long>("byolsharp.images", "{image}", "Images embedded.");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("byolsharp.failures", "{image}", "Images that could not be decoded.");
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("byolsharp.batch.duration", "s", "Time of a batch: ONNX Runtime and, unless batches are shared, decoding and resizing.");

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("byolsharp.batch.size", "{image}", "Images that ONNX Runtime was given at once.");

    internal static void Count(int images, TimeSpan duration)
    {
        BatchSize.Record(images);
        Images.Add(images);
        Duration.Record(duration.TotalSeconds);
    }

    internal static void CountFailure() => Failures.Add(1);
}
