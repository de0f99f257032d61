using System.Text.Json.Nodes;
using ByolSharp.Images;

namespace ByolSharp.Cli;

/// <summary>What pre-training on some data will take on this machine, measured by a few steps with a preset's options.</summary>
internal static class TrainingEstimate
{
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(2);

    /// <summary>Measures, and says it in two lines.</summary>
    internal static JsonObject Measure(Terminal terminal, string path, string preset, ImageDataScan scan, CancellationToken cancellation)
    {
        var options = Settings.Apply(Presets.Get(preset), [Settings.Of("data.path", path)], null);
        options = options with { Trainer = options.Trainer with { BatchSize = Math.Min(options.Trainer.BatchSize, scan.Report.Images) } };
        var speed = StepBenchmark.Run(options, repeats: 1, Trial, cancellation);
        double epoch = scan.Report.Readable / speed.SamplesPerSecond;
        long decoded = scan.Report.DecodedBytes >> 20, peak = speed.PeakMemory >> 20;
        terminal.Line(FormattableString.Invariant($"memory: {decoded:N0} MiB for all decoded images{Cache(decoded, options)}; this scan and a training with preset {preset} took {peak:N0} MiB at most"));
        terminal.Line(FormattableString.Invariant($"time: {scan.DecodeMilliseconds:0.00} ms of a core to decode an image; {preset} trains on {speed.SamplesPerSecond:0} images/s, {Length(epoch)} an epoch, {Length(100 * epoch)} for 100"));
        return new()
        {
            ["preset"] = preset,
            ["decoded_mib"] = decoded,
            ["peak_memory_mib"] = peak,
            ["decode_ms"] = scan.DecodeMilliseconds,
            ["samples_per_second"] = speed.SamplesPerSecond,
            ["seconds_per_epoch"] = epoch,
        };
    }

    private static string Cache(long decoded, RunOptions options) => decoded <= options.Data.CacheMegabytes
        ? ", which fit into the cache"
        : FormattableString.Invariant($", more than the cache's {options.Data.CacheMegabytes:N0} (data.cacheMegabytes; --cache DIR keeps them on disk)");

    private static string Length(double seconds) => TimeSpan.FromSeconds(seconds) switch
    {
        { TotalMinutes: < 2 } t => FormattableString.Invariant($"{t.TotalSeconds:0} s"),
        { TotalHours: < 2 } t => FormattableString.Invariant($"{t.TotalMinutes:0} minutes"),
        var t => FormattableString.Invariant($"{t.TotalHours:0.#} hours"),
    };
}
