using System.Globalization;
using ByolSharp.Onnx;

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

    [Fact]
    public async Task Texts_are_embedded_by_an_exported_encoder_as_by_the_tool()
    {
        string run = Path.Combine(_folder, "run"), data = Path.Combine(_folder, "texts.txt"), embedded = Path.Combine(_folder, "y.csv");
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => $"{(i % 2 == 0 ? "a red apple" : "the old dog")} of number {i}{string.Concat(Enumerable.Repeat(" and so on", i % 7))}")];
        File.WriteAllLines(data, texts);
        Assert.Equal(0, ByolProcess.Run(
            "pretrain", data, "--preset", "text-small-cpu", "--out", run, "--steps", "2", "--batch-size", "8", "--set", "text.vocabularySize=320",
            "--set", "trainer.threads=1", ByolProcess.WithoutReport).ExitCode);

        var exported = ByolProcess.Run("export", "--run", run, "--format", "onnx", "--out", Exported, "--json");
        var quantised = ByolProcess.Run("export", "--run", run, "--format", "onnx", "--precision", "int8", "--out", Path.Combine(_folder, "int8.onnx"), "--json");
        var copied = ByolProcess.Run("export", "--run", run, "--out", Path.Combine(_folder, "copy.safetensors"), "--json");
        var asImages = ByolProcess.Run("export", "--run", run, "--format", "onnx", "--input", "uint8-nhwc", "--out", Path.Combine(_folder, "images.onnx"));
        var served = ByolProcess.Run("serve", "--run", run);
        Assert.Equal(0, ByolProcess.Run("embed", data, "--run", run, "--out", embedded).ExitCode);

        Assert.Equal((0, 0, 0), (exported.ExitCode, quantised.ExitCode, copied.ExitCode));
        Assert.InRange(exported.Json["max_difference"]!.GetValue<double>(), 0, 1e-4);
        Assert.InRange(quantised.Json["min_cosine"]!.GetValue<double>(), 0.98, 1.00001);
        Assert.Equal(0, copied.Json["max_difference"]!.GetValue<double>());
        Assert.Equal(File.ReadAllText(Path.Combine(run, "tokenizer.json")), File.ReadAllText(exported.Json["tokenizer"]!.GetValue<string>()));
        Assert.Equal((2, 2), (asImages.ExitCode, served.ExitCode));
        Assert.Contains("an encoder of texts takes tokens", Assert.Single(asImages.ErrorLines), StringComparison.Ordinal);
        Assert.Contains("the server embeds images", Assert.Single(served.ErrorLines), StringComparison.Ordinal);
        using var generator = new TextEmbeddingGenerator(Exported);
        var actual = await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        string[] rows = [.. File.ReadLines(embedded).Skip(1)];
        Assert.Equal(texts.Length, rows.Length);
        Assert.All(rows.Zip(actual), pair =>
        {
            float[] expected = [.. pair.First.Split(',')[^pair.Second.Dimensions..].Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
            Assert.InRange(expected.Zip(pair.Second.Vector.ToArray(), (e, a) => Math.Abs(e - a)).Max(), 0, 1e-4);
        });
    }

    [Theory]
    [InlineData("--opset", "3", "opset must be 17 to 22, not 3.")]
    [InlineData("--input", "pixels", "unknown input 'pixels'; known: views, uint8-nhwc")]
    [InlineData("--precision", "int4", "unknown precision 'int4'; known: fp32, fp16, int8.")]
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
