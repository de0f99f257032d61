using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using static TorchSharp.torch;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol export --run RUN --format safetensors --out FILE</c>.</summary>
internal static class ExportCommand
{
    private const double Tolerance = 1e-5;
    private static readonly Option<string> Run = new("--run") { Description = "The run directory or an encoder file.", Required = true, HelpName = "RUN" };
    private static readonly Option<string> Format = new("--format") { Description = "safetensors.", DefaultValueFactory = _ => "safetensors" };
    private static readonly Option<string> Network = new("--network") { Description = "online, or target: its moving average, out of a checkpoint.", DefaultValueFactory = _ => "online" };
    private static readonly Option<string?> Checkpoint = new("--checkpoint") { Description = "A checkpoint of the run: last, best or step-N. Default: the encoder as it was saved last." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The file.", Required = true, HelpName = "FILE" };

    internal static Command Create() => new Command("export", "Write the encoder alone for other programs, and check that it gives the same representations.")
    {
        Run, Format, Network, Checkpoint, Out,
    }.Does(Export);

    private static int Export(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string format = arguments.GetValue(Format)!;
        if (format != "safetensors")
        {
            throw new ConfigurationException($"unknown format '{format}'; known: safetensors.");
        }
        string file = arguments.GetRequiredValue(Out);
        TorchRuntime.Initialize();
        using var scope = NewDisposeScope();
        using var gradients = no_grad();
        string run = arguments.GetRequiredValue(Run);
        var (encoder, options, metadata) = EncoderFile.Load(EncoderFile.PathIn(run));
        if (CheckpointOf(arguments, run) is { } checkpoint)
        {
            EncoderFile.LoadCheckpoint(checkpoint, arguments.GetValue(Network)!, encoder);
        }
        EncoderFile.Save(file, encoder, options, metadata);
        var views = rand(2, options.InputChannels, metadata.ImageSize, metadata.ImageSize);
        double difference = (encoder.call(views) - EncoderFile.Load(file).Backbone.call(views)).abs().max().item<float>();
        terminal.Line($"{file}: largest difference from the in-process encoder {difference:0.0e+0}");
        terminal.Result(new JsonObject { ["out"] = Path.GetFullPath(file), ["format"] = format, ["max_difference"] = difference });
        return difference <= Tolerance ? 0 : throw new StorageException($"the exported encoder differs by {difference}; please report this.");
    }

    /// <summary>The checkpoint that holds what is asked for, or null where the saved encoder is it.</summary>
    private static string? CheckpointOf(ParseResult arguments, string run)
    {
        string network = arguments.GetValue(Network)!;
        string? name = arguments.GetValue(Checkpoint);
        if (network is not ("online" or "target"))
        {
            throw new ConfigurationException($"unknown network '{network}'; known: online, target.");
        }
        if (name is null && network == "online")
        {
            return null;
        }
        string checkpoints = Path.Combine(run, "checkpoints"), folder = Path.Combine(checkpoints, name ?? "last");
        return Directory.Exists(folder) ? folder : throw new ConfigurationException(
            Directory.Exists(checkpoints)
                ? $"{run} has no checkpoint '{name ?? "last"}'; it has {string.Join(", ", Directory.GetDirectories(checkpoints).Select(Path.GetFileName).Order())}."
                : $"{run} has no checkpoints; --network target and --checkpoint need a run directory.");
    }
}
