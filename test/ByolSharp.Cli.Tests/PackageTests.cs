using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using ByolSharp.Search;

namespace ByolSharp.Cli.Tests;

/// <summary>The packages hold what they promise and work from a feed that holds them alone, in a project that knows nothing else of this repository.</summary>
[Trait("Speed", "Slow")]
public sealed class PackageTests : IDisposable
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif
    private static readonly string Version = typeof(RepresentationIndex).Assembly.GetName().Version!.ToString(3);
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(SourceFile())!, "..", ".."));
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(10);
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-packages-").FullName;

    private const string Program = """
        using ByolSharp;
        using ByolSharp.Export;
        using ByolSharp.Export.Onnx;
        using ByolSharp.Images;
        using ByolSharp.Onnx;
        using ByolSharp.Training;
        using Microsoft.Extensions.AI;

        var options = Presets.Get("small-cpu") with { Trainer = new() { BatchSize = 16, Duration = Duration.OfSteps(20) } };
        using var photos = ImageSources.Open(args[0]);
        using var run = RunDirectory.Open("run", ExistingRun.Overwrite);
        var result = Pretraining.Run(options, run, photos);
        var (encoder, network, metadata) = EncoderFile.Load(run.Encoder);
        OnnxFile.Save("encoder.onnx", encoder, network, metadata, channels: 3, new());
        using var generator = new ImageEmbeddingGenerator("encoder.onnx");
        var embedding = (await generator.GenerateAsync([new DataContent(File.ReadAllBytes(args[1]), "image/png")]))[0];
        Console.WriteLine($"{result.Step} steps, {embedding.Dimensions} numbers");
        """;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_fresh_project_trains_and_embeds_with_packages_from_a_local_feed()
    {
        string feed = Path.Combine(_folder, "feed"), project = Path.Combine(_folder, "fresh"), data = NoiseImages.Write(Path.Combine(_folder, "data"), 32);
        foreach (string package in (string[])["ByolSharp", "ByolSharp.Onnx", "ByolSharp.Search", "ByolSharp.ML", "ByolSharp.ObjectStorage"])
        {
            Dotnet(Root, "pack", Path.Combine("src", package), "-c", Configuration, "--no-build", "-o", feed, "-v", "q");
            AssertHolds(Path.Combine(feed, $"{package}.{Version}.nupkg"), "README.md", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml");
            AssertHolds(Path.Combine(feed, $"{package}.{Version}.snupkg"), $"lib/net10.0/{package}.pdb");
        }
        AssertHolds(
            Path.Combine(feed, $"ByolSharp.{Version}.nupkg"),
            "buildTransitive/ByolSharp.targets", "buildTransitive/NativeLibrary.targets", "buildTransitive/MendTorchSharpLibrary.cs");
        WriteProject(project, feed);

        Dotnet(project, "build", "-c", "Release", "-v", "q");
        string output = Dotnet(project, "run", "-c", "Release", "--no-build", "--", data, Directory.GetFiles(data)[0]);

        Assert.InRange(Program.Split('\n').Length, 1, 19);
        Assert.Matches(@"^20 steps, \d+ numbers$", output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]);
    }

    /// <summary>Our packages from the feed alone, into a cache of their own; third-party ones from wherever this machine has them.</summary>
    private void WriteProject(string project, string feed)
    {
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Directory.CreateDirectory(project);
        File.WriteAllText(Path.Combine(project, "Program.cs"), Program);
        File.WriteAllText(Path.Combine(project, "fresh.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <RuntimeIdentifier>{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}</RuntimeIdentifier>
                <SelfContained>false</SelfContained>
                <NuGetAudit>false</NuGetAudit>
                <RestoreAdditionalProjectSources>{feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Path.Combine(_folder, "cache")}</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ByolSharp" Version="{Version}" />
                <PackageReference Include="ByolSharp.Onnx" Version="{Version}" />
                <PackageReference Include="libtorch-cpu-{LibtorchRuntime}" Version="2.10.0" />
              </ItemGroup>
            </Project>
            """);
    }

    private static string LibtorchRuntime => OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

    private static void AssertHolds(string package, params string[] entries)
    {
        using var archive = ZipFile.OpenRead(package);
        Assert.All(entries, entry => Assert.NotNull(archive.GetEntry(entry)));
    }

    private static string Dotnet(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1" },
        })!;
        var outcome = ByolProcess.Finish(process, BuildPatience);
        Assert.True(outcome.ExitCode == 0, outcome.Output + outcome.Error);
        return outcome.Output;
    }

    private static string SourceFile([CallerFilePath] string file = "") => file;
}
