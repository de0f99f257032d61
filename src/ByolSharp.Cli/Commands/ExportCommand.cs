using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
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
        var comparison = onnx is null
            ? ExportSafeTensors(file, encoder, options, metadata)
            : terminal.Count("compare", progress => ExportOnnx(file, encoder, options, metadata, onnx, progress));
        double tolerance = onnx is null ? Tolerance : Onnx.Tolerance(arguments, onnx);
        terminal.Line(FormattableString.Invariant(
            $"{file}: largest difference from the in-process encoder {comparison.Difference:0.0e+0}, smallest cosine similarity {comparison.Cosine:0.000000}"));
        if (!(comparison.Difference <= tolerance * Math.Max(1, comparison.LargestValue)))
        {
            File.Delete(file);
            throw new StorageException($"the exported encoder differs by {comparison.Difference:0.0e+0}, more than {tolerance:0.0e+0} of its values: {file} was removed.");
        }
        var result = new JsonObject
        {
            ["out"] = Path.GetFullPath(file),
            ["format"] = format,
            ["max_difference"] = comparison.Difference,
            ["min_cosine"] = comparison.Cosine,
        };
        if (onnx is not null && metadata.Text is { Tokenizer: var tokenizer })
        {
            string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
            tokenizer.Save(folder);
            terminal.Line($"{Path.Combine(folder, tokenizer.FileName)}: its tokenizer, which is in the file too");
            result["tokenizer"] = Path.Combine(folder, tokenizer.FileName);
        }
        terminal.Result(result);
        return 0;
    }

    private static EncoderComparison ExportSafeTensors(string file, Backbone encoder, BackboneOptions options, EncoderMetadata metadata)
    {
        EncoderFile.Save(file, encoder, options, metadata);
        var views = RandomViews.Of(options, metadata, 2);
        return EncoderComparison.Of(encoder.call(views), EncoderFile.Load(file).Backbone.call(views));
    }

    private static EncoderComparison ExportOnnx(
        string file, Backbone encoder, BackboneOptions options, EncoderMetadata metadata, OnnxExportOptions onnx, IProgress<(int Done, int Total)> progress)
    {
        OnnxFile.Save(file, encoder, options, metadata, options.InputChannels, onnx);
        try
        {
            return EncoderComparison.Of(file, encoder, options, metadata, onnx, progress);
        }
        catch (Exception e) when (e is InvalidDataException or OnnxRuntimeException)
        {
            File.Delete(file);
            throw new StorageException($"ONNX Runtime cannot run the exported encoder, {file} was removed: {e.Message}", e);
        }
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
