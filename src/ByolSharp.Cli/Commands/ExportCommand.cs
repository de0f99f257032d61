using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol export --run RUN --format safetensors|onnx --out FILE</c>.</summary>
internal static class ExportCommand
{
    private const double Tolerance = 1e-5;
    private static readonly Option<string> Run = new("--run") { Description = "The run directory or an encoder file.", Required = true, HelpName = "RUN" };
    private static readonly Option<string> Format = new("--format") { Description = "safetensors or onnx.", DefaultValueFactory = _ => "safetensors" };
    private static readonly Option<string> Network = new("--network") { Description = "online, or target: its moving average, out of a checkpoint.", DefaultValueFactory = _ => "online" };
    private static readonly Option<string?> Checkpoint = new("--checkpoint") { Description = "A checkpoint of the run: last, best or step-N. Default: the encoder as it was saved last." };
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The file.", Required = true, HelpName = "FILE" };
    private static readonly OnnxExport Onnx = new();

    internal static Command Create()
    {
        var command = new Command("export", "Write the encoder alone for other programs, and check that it gives the same representations.")
        {
            Run, Format, Network, Checkpoint, Out,
        };
        Onnx.AddTo(command);
        return command.Does(Export);
    }

    private static int Export(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string format = arguments.GetValue(Format)!;
        if (format is not ("safetensors" or "onnx"))
        {
            throw new ConfigurationException($"unknown format '{format}'; known: safetensors, onnx.");
        }
        var onnx = format == "onnx" ? Onnx.Options(arguments) : null;
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
        double difference, largest = 1, tolerance = onnx is null ? Tolerance : Onnx.Tolerance(arguments, onnx);
        if (onnx is null)
        {
            EncoderFile.Save(file, encoder, options, metadata);
            var views = rand(2, options.InputChannels, metadata.ImageSize, metadata.ImageSize);
            difference = (encoder.call(views) - EncoderFile.Load(file).Backbone.call(views)).abs().max().item<float>();
        }
        else
        {
            OnnxFile.Save(file, encoder, options, metadata, options.InputChannels, onnx);
            try
            {
                (difference, largest) = OnnxExport.Compare(file, encoder, options, metadata, onnx);
            }
            catch (Exception e) when (e is InvalidDataException or OnnxRuntimeException)
            {
                File.Delete(file);
                throw new StorageException($"ONNX Runtime cannot run the exported encoder, {file} was removed: {e.Message}", e);
            }
        }
        terminal.Line($"{file}: largest difference from the in-process encoder {difference:0.0e+0}");
        if (!(difference <= tolerance * Math.Max(1, largest)))
        {
            File.Delete(file);
            throw new StorageException($"the exported encoder differs by {difference:0.0e+0}, more than {tolerance:0.0e+0} of its values: {file} was removed.");
        }
        terminal.Result(new JsonObject { ["out"] = Path.GetFullPath(file), ["format"] = format, ["max_difference"] = difference });
        return 0;
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
