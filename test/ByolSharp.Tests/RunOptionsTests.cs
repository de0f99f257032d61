using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Training;

namespace ByolSharp.Tests;

/// <summary>Options that concern more than one part.</summary>
public sealed class RunOptionsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void The_encoder_remembers_the_size_of_evaluation()
    {
        var options = SmallRun.Options() with { Data = new() { ImageSize = 12, EvalSizeRatio = 4.0 / 3, Workers = 1 } };
        using var data = new GeneratedImages(new() { Count = 32 });
        using var run = RunDirectory.Open(_folder.Path, ExistingRun.Overwrite);
        Pretraining.Run(options, run, data, cancellation: TestContext.Current.CancellationToken);
        var loaded = EncoderFile.Load(run.Encoder);
        using var encoder = loaded.Backbone;

        Assert.Equal(16, loaded.Metadata.ImageSize);
    }

    [Fact]
    public void A_transformer_is_evaluated_at_its_own_size()
    {
        var options = new RunOptions { Backbone = new() { Name = "vit-tiny" }, Data = new() { EvalSizeRatio = 2 } };

        Assert.Contains("vit-tiny", Assert.Throws<ConfigurationException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_scale_of_decoding_shapes_the_result_and_has_a_range()
    {
        var options = new RunOptions();

        Assert.NotEqual(options.Hash(), (options with { Data = new() { DecodeShortSide = 256 } }).Hash());
        Assert.Contains("data.decodeShortSide = -1",
            Assert.Throws<ConfigurationException>(new DataOptions { DecodeShortSide = -1 }.Validate).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
