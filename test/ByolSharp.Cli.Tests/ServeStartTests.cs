using System.Net;

namespace ByolSharp.Cli.Tests;

/// <summary>A server that would be unsafe or useless does not start; one that is told to end answers first.</summary>
public sealed class ServeStartTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-start-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_would_be_open_to_all_or_does_not_fit_is_refused()
    {
        string empty = Path.Combine(_folder, "key"), onnx = Path.Combine(_folder, "e.onnx");
        File.WriteAllText(empty, "\n");
        File.WriteAllText(onnx, "this is no model");

        AssertRefused("without an API key", "--onnx", onnx, "--host", "0.0.0.0");
        AssertRefused("is empty", "--onnx", onnx, "--api-key-file", empty);
        AssertRefused("no key file", "--onnx", onnx, "--api-key-file", Path.Combine(_folder, "none"));
        AssertRefused("no ONNX file", "--onnx", onnx);
        AssertRefused("no address", "--onnx", onnx, "--host", "example");
        AssertRefused("the port must be", "--onnx", onnx, "--port", "70000");
        AssertRefused("name one encoder");
    }

    [Fact]
    public async Task It_ends_on_a_signal_with_code_0()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill()");
        using var server = new ByolServer();

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("healthz", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(0, server.Stop());
    }

    private static void AssertRefused(string part, params string[] arguments) =>
        BadInputTests.AssertOneLine(ByolProcess.Run(["serve", .. arguments]), 2, part);
}
