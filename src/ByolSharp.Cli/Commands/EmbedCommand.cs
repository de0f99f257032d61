using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol embed DATA --run RUN --out FILE</c>.</summary>
internal static class EmbedCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "The images." };
    private static readonly EncoderOptions Encoders = new();
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The file: .npy, .csv or .parquet.", Required = true, HelpName = "FILE" };

    internal static Command Create()
    {
        var command = new Command("embed", "Write the representation of every image to a file, with the file names.") { Data, Out };
        Encoders.AddTo(command, Baselines.All);
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string file = arguments.GetRequiredValue(Out);
        EmbeddingWriter.RequireFormat(file);
        using var data = Encoders.OpenData(arguments, arguments.GetRequiredValue(Data));
        var features = Encoders.Open(arguments, data).Extract(terminal, "embed", data, cancellation);
        EmbeddingWriter.WriteAsync(features, file, cancellation).GetAwaiter().GetResult();
        terminal.Line($"{features.Count:N0} representations of {features.Size} numbers: {file}");
        terminal.Result(new JsonObject { ["out"] = Path.GetFullPath(file), ["count"] = features.Count, ["size"] = features.Size, ["skipped"] = data.Count - features.Count });
        return 0;
    }
}
