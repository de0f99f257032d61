using System.Text.Json.Nodes;

namespace ByolSharp.Cli;

/// <summary>What was found of data that are to be trained on.</summary>
/// <param name="Many">What the samples are called: images, videos.</param>
/// <param name="Count">Samples.</param>
/// <param name="Readable">Those that can be read.</param>
/// <param name="DecodedBytes">Memory that they take decoded.</param>
/// <param name="DecodeMilliseconds">Time of a core to decode one for the scan.</param>
internal sealed record ScannedData(string Many, int Count, int Readable, long DecodedBytes, double DecodeMilliseconds);

/// <summary>What pre-training on some data will take on this machine, measured by a few steps with a preset's options.</summary>
internal static class TrainingEstimate
{
    private static readonly TimeSpan Trial = TimeSpan.FromSeconds(2);

    /// <summary>Measures, and says it in two lines.</summary>
    internal static JsonObject Measure(Terminal terminal, string path, string preset, ScannedData data, CancellationToken cancellation)
    {
        var options = Settings.Apply(Presets.Get(preset), [Settings.Of("data.path", path)], null);
        options = options with { Trainer = options.Trainer with { BatchSize = Math.Min(options.Trainer.BatchSize, data.Count) } };
        var speed = StepBenchmark.Run(options, repeats: 1, Trial, cancellation);
        double epoch = data.Readable / speed.SamplesPerSecond;
        long decoded = data.DecodedBytes >> 20, peak = speed.PeakMemory >> 20;
        terminal.Line(FormattableString.Invariant($"memory: {decoded:N0} MiB for all decoded {data.Many}{Cache(decoded, options)}; this scan and a training with preset {preset} took {peak:N0} MiB at most"));
        terminal.Line(FormattableString.Invariant($"time: {data.DecodeMilliseconds:0.00} ms of a core to decode one for the scan; {preset} trains on {speed.SamplesPerSecond:0} {data.Many}/s, {Length(epoch)} an epoch, {Length(100 * epoch)} for 100"));
        return new()
        {
            ["preset"] = preset,
            ["decoded_mib"] = decoded,
            ["peak_memory_mib"] = peak,
            ["decode_ms"] = data.DecodeMilliseconds,
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
