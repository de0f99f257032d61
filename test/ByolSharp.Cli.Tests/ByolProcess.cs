using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ByolSharp.Cli.Tests;

/// <summary>What a run of the tool gave.</summary>
internal sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>The lines of stderr.</summary>
    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The last line of stdout as JSON.</summary>
    public System.Text.Json.Nodes.JsonObject Json =>
        System.Text.Json.Nodes.JsonNode.Parse(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1])!.AsObject();
}

/// <summary>Runs the tool as a user does: in a process of its own.</summary>
internal static partial class ByolProcess
{
    public const string WithoutReport = "--no-report";
    public const int SigInt = 2, SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Process Start(params string[] arguments) => StartProgram("dotnet", [Tool, .. arguments]);

    /// <summary>Starts it with more variables in its environment.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Tool, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    /// <summary>Starts several replicas of the tool; skips the test where nothing can start them.</summary>
    public static Process StartReplicas(int count, params string[] arguments)
    {
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(folders.Any(folder => File.Exists(Path.Combine(folder, "mpirun"))), "no mpirun: install openmpi-bin");
        string[] launch = ["-np", $"{count}", "--oversubscribe", "--bind-to", "none", .. Environment.UserName == "root" ? ["--allow-run-as-root"] : Array.Empty<string>()];
        return StartProgram("mpirun", [.. launch, "dotnet", Tool, .. arguments]);
    }

    public static Outcome RunReplicas(int count, params string[] arguments)
    {
        using var process = StartReplicas(count, arguments);
        return Finish(process);
    }

    /// <summary>Starts it as a terminal does, in a process group of its own to which the programs that it calls belong; on Linux.</summary>
    public static Process StartGroup(params string[] arguments) => StartProgram("setsid", ["dotnet", Tool, .. arguments]);

    public static Outcome Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return Finish(process);
    }

    public static Outcome Finish(Process process, TimeSpan? patience = null)
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience ?? Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"the tool did not end within {patience ?? Patience}: {output.Result} {error.Result}");
        }
        return new(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Sends a signal; not on Windows.</summary>
    public static void Signal(Process process, int signal) => Signal(process.Id, signal);

    /// <inheritdoc cref="Signal(Process, int)"/>
    public static void Signal(int process, int signal) => Assert.Equal(0, Kill(process, signal));

    /// <summary>Sends a signal to a process and all that it called, as Ctrl-C does.</summary>
    public static void SignalGroup(Process process, int signal) => Assert.Equal(0, Kill(-process.Id, signal));

    /// <summary>Flags of a training that takes a second or two; it writes no report.</summary>
    public static string[] Quick(string run, int steps = 4) =>
    [
        "--out", run, "--steps", $"{steps}", "--batch-size", "8", "--backbone", "resnet8", "--image-size", "16", "--set", "backbone.widthMultiplier=0.5",
        "--set", "byol.hiddenSize=16", "--set", "byol.projectionSize=8", "--set", "trainer.logEvery=1steps", "--set", "trainer.threads=1", WithoutReport,
    ];

    private static string Tool => Path.Combine(AppContext.BaseDirectory, "byol.dll");

    private static Process StartProgram(string program, string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
