using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace ByolSharp.Cli.Tests;

/// <summary><c>byol serve</c> in a process of its own, with an encoder and an index of a few images, for all tests of a class.</summary>
public sealed class ByolServer : IDisposable
{
    internal const string Key = "a key for tests";
    internal const int Images = 12, MaxBody = 200_000, MaxPixels = 250_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("byol-serve-").FullName;
    private readonly Process _process;

    public ByolServer()
    {
        string run = Path.Combine(_folder, "run"), index = Path.Combine(_folder, "index.db"), key = Path.Combine(_folder, "key");
        NoiseImages.Write(Data, Images, classes: 2, areDifferent: true);
        Assert.Equal(0, ByolProcess.Run(["pretrain", Data, .. ByolProcess.Quick(run)]).ExitCode);
        Assert.Equal(0, ByolProcess.Run("index", Data, "--run", run, "--out", index).ExitCode);
        File.WriteAllText(key, Key + "\n");
        _process = ByolProcess.Start(
            "serve", "--run", run, "--index", index, "--port", "0", "--api-key-file", key, "--max-body", $"{MaxBody}", "--max-pixels", $"{MaxPixels}", "--json");
        string? line = _process.StandardOutput.ReadLine();
        if (line is null)
        {
            Assert.Fail(_process.StandardError.ReadToEnd());
        }
        Address = new(JsonNode.Parse(line)!["address"]!.GetValue<string>());
        Client = new() { BaseAddress = Address };
        Client.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    internal string Data => Path.Combine(_folder, "data");

    internal Uri Address { get; }

    /// <summary>Sends the key.</summary>
    internal HttpClient Client { get; }

    internal static ByteArrayContent Body(byte[] bytes, string type = "image/png") =>
        new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    /// <summary>Ends it as Ctrl-C does, and gives its exit code.</summary>
    internal int Stop()
    {
        ByolProcess.Signal(_process, ByolProcess.SigInt);
        return ByolProcess.Finish(_process).ExitCode;
    }

    public void Dispose()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
