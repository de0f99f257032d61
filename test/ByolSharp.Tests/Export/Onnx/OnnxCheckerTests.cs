using System.ComponentModel;
using System.Diagnostics;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Text;
using ByolSharp.Video.Backbones;

namespace ByolSharp.Tests.Export.Onnx;

/// <summary>ONNX's own checker, with its inference of all shapes, over a file of every family; skipped where Python has no onnx.</summary>
public sealed class OnnxCheckerTests : IDisposable
{
    private const string Check = """
        import sys, onnx
        for path in sys.argv[1:]:
            onnx.checker.check_model(path, full_check=True)
            print("checked")
        """;

    private static readonly string[] Pythons = ["/usr/bin/python3", "python3"];
    private readonly TempFolder _folder = new();
    private readonly List<string> _files = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_checker_of_ONNX_finds_nothing_in_a_file_of_every_family()
    {
        string? python = Pythons.FirstOrDefault(python => Run(python, "-c", "import onnx").ExitCode == 0);
        Assert.SkipWhen(python is null, "no Python with onnx: apt-get install python3-onnx");
        foreach (var precision in Enum.GetValues<OnnxPrecision>())
        {
            SaveImages(new() { Name = "resnet18", WidthMultiplier = 0.125, ImageSize = 64 }, new() { Precision = precision });
            SaveImages(new() { Name = "vit-tiny", ImageSize = 32 }, new() { Precision = precision, BatchSize = 2 });
            SaveTexts("bert-tiny", TokenPooling.Mean, new() { Precision = precision });
            SaveTexts("bert-tiny", TokenPooling.Cls, new() { Precision = precision, AnySize = false });
        }
        SaveImages(new() { Name = "resnet8", ImageSize = 32, Norm = NormKind.Group }, new() { Input = OnnxInput.Uint8Nhwc });
        foreach (string name in VideoBackbones.Names)
        {
            SaveClips(new() { Name = name, WidthMultiplier = 0.125 }, new());
        }
        SaveClips(new() { Name = "r2plus1d_8" }, new() { Precision = OnnxPrecision.Int8 });

        var (exitCode, output) = Run(python!, ["-c", Check, .. _files]);

        Assert.True(exitCode == 0, output);
        Assert.Equal(_files.Count, output.Split('\n').Count(line => line == "checked"));
    }

    private void SaveImages(BackboneOptions options, OnnxExportOptions export)
    {
        using var network = BackboneFactory.Create(options);
        Save(network, options, new() { ImageSize = options.ImageSize }, export);
    }

    private void SaveClips(BackboneOptions options, OnnxExportOptions export)
    {
        using var network = VideoBackbones.Create(options);
        Save(network, options, new() { ImageSize = 32, Video = new() }, export);
    }

    private void SaveTexts(string name, TokenPooling pooling, OnnxExportOptions export)
    {
        var (options, metadata) = (new BackboneOptions { Name = name, Pooling = pooling }, SmallTexts.Metadata());
        using var encoder = SmallTexts.Encoder(options, metadata);
        Save(encoder, options, metadata, export);
    }

    private void Save(Backbone network, BackboneOptions options, EncoderMetadata metadata, OnnxExportOptions export)
    {
        string file = _folder.Of($"{_files.Count}.onnx");
        network.eval();
        OnnxFile.Save(file, network, options, metadata, options.InputChannels, export);
        _files.Add(file);
    }

    private static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + error.Result);
        }
        catch (Win32Exception)
        {
            return (-1, $"there is no {program}");
        }
    }
}
