using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Search;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol index DATA --run RUN --out FILE</c>.</summary>
internal static class IndexCommand
{
    private static readonly Argument<string> Data = new("DATA") { Description = "Images, videos or texts." };
    private static readonly EncoderOptions Encoders = new();
    private static readonly Option<string> Out = new("--out", "-o") { Description = "The index, a SQLite database; an existing one is brought up to date.", Required = true, HelpName = "FILE" };

    internal static Command Create()
    {
        var command = new Command("index", "Embed data into a database file for search; run again, it embeds only what is new or changed.") { Data, Out };
        Encoders.AddTo(command, Baselines.Random | Baselines.Pixels);
        return command.Does(IndexFiles.Guarded(Run));
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        string file = arguments.GetRequiredValue(Out);
        using var data = Encoders.OpenData(arguments, arguments.GetRequiredValue(Data));
        var encoder = Encoders.Open(arguments, data);
        string? source = Encoders.PlainSource(arguments) is { } path ? Path.GetFullPath(path) : null;
        using var index = RepresentationIndex.OpenOrCreate(
            file, new(EncoderFingerprint.Of(encoder.Backbone, encoder.Metadata), encoder.Backbone.RepresentationSize, source));
        var update = terminal.Count("index", progress => IndexUpdate.Run(index, encoder, data, progress, cancellation));
        Encoder.ReportUnreadable(terminal, update.Unreadable, data.Count);
        if (update.Unreadable.Count == data.Count)
        {
            throw new UnusableDataException($"none of the {data.Count:N0} files can be read: {file} is empty.");
        }
        terminal.Line(
            $"{file}: {update.Embedded:N0} embedded, {update.Copied:N0} known by their bytes, {update.Unchanged:N0} unchanged, {update.Removed:N0} removed");
        terminal.Result(new JsonObject
        {
            ["out"] = Path.GetFullPath(file),
            ["embedded"] = update.Embedded,
            ["copied"] = update.Copied,
            ["unchanged"] = update.Unchanged,
            ["removed"] = update.Removed,
            ["unreadable"] = update.Unreadable.Count,
        });
        return 0;
    }
}
