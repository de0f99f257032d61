using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol bench</c>: where the time of a training step goes.</summary>
internal static class BenchCommand
{
    private static readonly Option<string?> Data = new("--data") { Description = "Data to read and augment. Default: generated images.", HelpName = "DIR" };
    private static readonly Option<string?> PresetName = new("--preset", "-p") { Description = $"The recipe to start from. Default: {Presets.Default}." };
    private static readonly Option<string?> Backbone = new("--backbone") { Description = "The network, for example resnet18 (backbone.name)." };
    private static readonly Option<int?> ImageSize = new("--image-size") { Description = "Side of the views in pixels (data.imageSize)." };
    private static readonly Option<int?> BatchSize = new("--batch-size") { Description = "Samples a step (trainer.batchSize)." };
    private static readonly Option<int?> Threads = new("--threads") { Description = "Compute threads (trainer.threads). Default: the cores." };
    private static readonly Option<string?> Device = new("--device") { Description = "cpu, cuda or cuda:N." };
    private static readonly Option<int> Repeats = new("--repeats") { Description = "Stretches whose median counts.", DefaultValueFactory = _ => 3 };
    private static readonly Option<double> Seconds = new("--seconds") { Description = "Length of a stretch.", DefaultValueFactory = _ => 10 };
    private static readonly Option<string[]> Set = new("--set") { Description = "Any option; repeatable.", HelpName = "KEY=VALUE" };

    internal static Command Create() => new Command("bench", "Take a training step apart, beside what the machine can do at best.")
    {
        Data, PresetName, Backbone, ImageSize, BatchSize, Threads, Device, Repeats, Seconds, Set,
    }.Does(Run);

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        int repeats = arguments.GetValue(Repeats);
        double seconds = arguments.GetValue(Seconds);
        if (repeats < 1 || !(seconds > 0 && seconds <= 3600))
        {
            throw new ConfigurationException($"--repeats {repeats} and --seconds {seconds} do not work; give at least one repeat and up to 3600 seconds.");
        }
        var options = Settings.Apply(Presets.Get(arguments.GetValue(PresetName) ?? Presets.Default), Flags(arguments), arguments.GetValue(Set));
        if (options.Data.Kind != DataKind.Images && arguments.GetValue(Data) is null)
        {
            throw new ConfigurationException($"{options.Preset} is for {(options.Data.Kind == DataKind.Video ? "videos" : "texts")}, of which none can be generated: name some with {Data.Name}.");
        }
        terminal.Line($"{options.Backbone.Name}, {options.Data.ImageSize} pixels, batch {options.Trainer.BatchSize}: {repeats} stretches of {seconds:0.#} s…");
        var result = StepBenchmark.Run(options, repeats, TimeSpan.FromSeconds(seconds), cancellation);
        Print(terminal, options, result);
        terminal.Result(Describe(options, result));
        return 0;
    }

    private static string?[] Flags(ParseResult arguments) =>
    [
        Settings.Of("data.path", arguments.GetValue(Data) ?? "demo:train"),
        Settings.Of("backbone.name", arguments.GetValue(Backbone)),
        Settings.Of("data.imageSize", arguments.GetValue(ImageSize)),
        Settings.Of("trainer.batchSize", arguments.GetValue(BatchSize)),
        Settings.Of("trainer.threads", arguments.GetValue(Threads)),
        Settings.Of("device", arguments.GetValue(Device)),
    ];

    private static void Print(Terminal terminal, RunOptions options, StepBenchmarkResult result)
    {
        double total = result.Parts.Values.Sum();
        terminal.Table(["part", "ms a step", "share"], result.Parts.Select(p => new[] { KeyOf(p.Key), Text(p.Value, "0.00"), Text(p.Value / total, "0.0%") }));
        terminal.Line(FormattableString.Invariant(
            $"data threads, ms of one core a step: decode {result.DecodePerSample * options.Trainer.BatchSize:0.0}, augment {result.AugmentPerSample * options.Trainer.BatchSize:0.0}"));
        terminal.Line(FormattableString.Invariant(
            $"{result.SamplesPerSecond:0} {options.Data.Kind.Samples()}/s ({result.Range.Slowest:0} to {result.Range.Fastest:0}), {result.Gflops:0} GFLOP/s, {result.Gflops / result.GemmGflops:0%} of a large matrix product's {result.GemmGflops:0}; waits {result.DataWait:0.0%}; {result.PeakMemory >> 20} MiB at most; {result.Threads} threads"));
    }

    private static JsonObject Describe(RunOptions options, StepBenchmarkResult result)
    {
        var json = new JsonObject
        {
            ["backbone"] = options.Backbone.Name,
            ["image_size"] = options.Data.ImageSize,
            ["batch_size"] = options.Trainer.BatchSize,
            ["threads"] = result.Threads,
            ["samples_per_second"] = result.SamplesPerSecond,
            ["slowest"] = result.Range.Slowest,
            ["fastest"] = result.Range.Fastest,
            ["gflops"] = result.Gflops,
            ["gemm_gflops"] = result.GemmGflops,
            ["data_wait"] = result.DataWait,
            ["decode_ms"] = result.DecodePerSample * options.Trainer.BatchSize,
            ["augment_ms"] = result.AugmentPerSample * options.Trainer.BatchSize,
            ["peak_memory"] = result.PeakMemory,
        };
        foreach (var (part, milliseconds) in result.Parts)
        {
            json[$"{KeyOf(part)}_ms"] = milliseconds;
        }
        return json;
    }

    private static string KeyOf(StepPart part) => JsonNamingPolicy.SnakeCaseLower.ConvertName(part.ToString());

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
