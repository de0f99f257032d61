using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Serve;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol serve --run RUN [--index FILE]</c>.</summary>
internal static class ServeCommand
{
    private const string KeyVariable = "BYOL_API_KEY";
    private static readonly ServerOptions Defaults = new("");

    private static readonly Option<string?> Run = new("--run") { Description = "The encoder of a run directory, or an encoder file.", HelpName = "RUN" };
    private static readonly Option<string?> Onnx = new("--onnx") { Description = "An encoder that byol export --format onnx wrote.", HelpName = "FILE" };
    private static readonly Option<string?> Index = new("--index") { Description = "An index that is searched, of the same encoder.", HelpName = "FILE" };
    private static readonly Option<string> Host = new("--host") { Description = "Address to listen at; others than loopback need a key.", DefaultValueFactory = _ => $"{Defaults.Address}" };
    private static readonly Option<int> Port = new("--port") { Description = "Port to listen at; 0: any that is free.", DefaultValueFactory = _ => Defaults.Port };
    private static readonly Option<string?> KeyFile = new("--api-key-file") { Description = $"A file with the key that clients must send. Default: the variable {KeyVariable}, else none.", HelpName = "FILE" };
    private static readonly Option<int> BatchSize = new("--batch-size") { Description = "Images that go through the encoder at once.", DefaultValueFactory = _ => Defaults.BatchSize };
    private static readonly Option<long> MaxBody = new("--max-body") { Description = "Largest request in bytes.", DefaultValueFactory = _ => Defaults.MaxBodyBytes };
    private static readonly Option<long> MaxPixels = new("--max-pixels") { Description = "The most pixels of an image.", DefaultValueFactory = _ => Defaults.MaxPixels };
    private static readonly Option<int> MaxRequests = new("--max-requests") { Description = "Requests at once; more get 503.", DefaultValueFactory = _ => Defaults.MaxRequests };
    private static readonly Option<double> Timeout = new("--timeout") { Description = "Seconds after which a request gets 504.", DefaultValueFactory = _ => Defaults.Timeout.TotalSeconds };

    internal static Command Create() => new Command("serve", "Embed images and search over HTTP.")
    {
        Run, Onnx, Index, Host, Port, KeyFile, BatchSize, MaxBody, MaxPixels, MaxRequests, Timeout,
    }.Does(IndexFiles.Guarded(Serve));

    private static int Serve(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        if ((arguments.GetValue(Run) is null) == (arguments.GetValue(Onnx) is null))
        {
            throw new ConfigurationException("name one encoder: --run RUN or --onnx FILE.");
        }
        var folder = Directory.CreateTempSubdirectory("byol-serve-");
        try
        {
            ServeUntilCancelled(Options(arguments, folder.FullName), terminal, cancellation).GetAwaiter().GetResult();
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task ServeUntilCancelled(ServerOptions options, Terminal terminal, CancellationToken cancellation)
    {
        await using var server = EmbeddingServer.Create(options);
        await server.StartAsync(cancellation);
        string address = server.Urls.Single();
        terminal.Line($"listening at {address}: {(options.ApiKey is null ? "no key needed" : "with a key")}; Ctrl-C ends it");
        terminal.Result(new JsonObject { ["address"] = address });
        try
        {
            await Task.Delay(System.Threading.Timeout.Infinite, cancellation);
        }
        catch (OperationCanceledException)
        {
            await server.StopAsync(CancellationToken.None); // requests that are worked on are answered
        }
    }

    private static ServerOptions Options(ParseResult arguments, string folder)
    {
        var options = Options(arguments);
        try
        {
            options.Validate();
        }
        catch (ArgumentException e)
        {
            throw new ConfigurationException(e.Message, e);
        }
        return options with { Encoder = arguments.GetValue(Onnx) ?? Export(arguments.GetValue(Run)!, folder) }; // last, since it takes seconds
    }

    private static ServerOptions Options(ParseResult arguments) => Defaults with
    {
        Index = arguments.GetValue(Index),
        Address = IPAddress.TryParse(arguments.GetValue(Host), out var address) ? address
            : throw new ConfigurationException($"--host {arguments.GetValue(Host)} is no address; write for example 127.0.0.1, ::1 or 0.0.0.0."),
        Port = arguments.GetValue(Port),
        ApiKey = arguments.GetValue(KeyFile) is { } file ? ReadKey(file) : Environment.GetEnvironmentVariable(KeyVariable),
        BatchSize = arguments.GetValue(BatchSize),
        MaxBodyBytes = arguments.GetValue(MaxBody),
        MaxPixels = arguments.GetValue(MaxPixels),
        MaxRequests = arguments.GetValue(MaxRequests),
        Timeout = TimeSpan.FromSeconds(arguments.GetValue(Timeout)),
    };

    private static string ReadKey(string file) =>
        File.Exists(file) ? File.ReadAllText(file).Trim() : throw new ConfigurationException($"there is no key file '{file}'.");

    /// <summary>An encoder of a run as the server takes it.</summary>
    private static string Export(string run, string folder)
    {
        string source = EncoderFile.PathIn(run), file = Path.Combine(folder, "encoder.onnx");
        TorchRuntime.Initialize();
        var (backbone, options, metadata) = EncoderFile.Load(source);
        if (metadata is not { Text: null, Video: null })
        {
            throw new ConfigurationException($"{run} holds an encoder of {(metadata.Text is null ? "videos" : "texts")}; the server embeds images.");
        }
        OnnxFile.Save(file, backbone, options, metadata, options.InputChannels, new());
        backbone.Dispose();
        return file;
    }
}
