namespace ByolSharp.Cli.Tests;

/// <summary>An encoder leaves for ONNX Runtime only where it gives the same representations there.</summary>
public sealed class OnnxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("byol-onnx-").FullName;

    private string Exported => Path.Combine(_folder, "encoder.onnx");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_exported_encoder_was_run_in_ONNX_Runtime_and_is_removed_where_it_differs()
    {
        string run = Path.Combine(_folder, "run");
        string data = NoiseImages.Write(Path.Combine(_folder, "data"), count: 16);
        Assert.Equal(0, ByolProcess.Run(["pretrain", data, .. ByolProcess.Quick(run)]).ExitCode);

        var views = Export();
        var images = Export("--input", "uint8-nhwc", "--precision", "fp16", "--opset", "20", "--batch-size", "2");
        Assert.True(File.Exists(Exported));
        var differs = Export("--tolerance", "0");

        Assert.Equal((0, 0), (views.ExitCode, images.ExitCode));
        Assert.InRange(views.Json["max_difference"]!.GetValue<double>(), 0, 1e-4);
        Assert.Contains("largest difference from the in-process encoder", views.Error);
        Assert.Equal(1, differs.ExitCode);
        Assert.Contains("was removed", Assert.Single(differs.ErrorLines, line => line.StartsWith("byol", StringComparison.Ordinal) || line.Contains("differs")));
        Assert.False(File.Exists(Exported));

        Outcome Export(params string[] flags) => ByolProcess.Run(["export", "--run", run, "--format", "onnx", "--out", Exported, "--json", .. flags]);
    }

    [Theory]
    [InlineData("--opset", "3", "opset must be 17 to 22, not 3.")]
    [InlineData("--input", "pixels", "unknown input 'pixels'; known: views, uint8-nhwc")]
    [InlineData("--precision", "int8", "unknown precision 'int8'; known: fp32, fp16.")]
    [InlineData("--batch-size", "0", "the batch size must be at least 1, not 0.")]
    [InlineData("--format", "tflite", "unknown format 'tflite'; known: safetensors, onnx.")]
    public void Unknown_values_are_named(string option, string value, string message)
    {
        string[] format = option == "--format" ? [] : ["--format", "onnx"];

        var outcome = ByolProcess.Run(["export", "--run", _folder, "--out", Exported, .. format, option, value]);

        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error);
    }
}
