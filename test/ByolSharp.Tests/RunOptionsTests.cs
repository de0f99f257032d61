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

    [Theory]
    [InlineData("trainer.bestBy=knn", "--eval-train")]
    [InlineData("trainer.bestBy=lidar trainer.scoreEvery=0steps", "trainer.scoreEvery")]
    [InlineData("trainer.stopAfter=5% trainer.scoreEvery=0steps", "trainer.stopAfter needs a score")]
    [InlineData("trainer.scoreEvery=20s", "in steps, epochs or %")]
    [InlineData("trainer.stopAfter=2m", "in steps, epochs or %")]
    [InlineData("trainer.scoreSamples=1", "trainer.scoreSamples = 1")]
    public void A_best_checkpoint_or_an_early_end_without_its_score_is_refused(string settings, string expected)
    {
        var options = settings.Split(' ').Aggregate(new RunOptions(), OptionsJson.Set);

        Assert.Contains(expected, Assert.Throws<ConfigurationException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_a_run_is_scored_may_change_when_it_goes_on()
    {
        string[] settings = ["trainer.scoreEvery=5%", "trainer.scoreSamples=64", "trainer.bestBy=lidar", "trainer.stopAfter=10%"];

        Assert.Equal(new RunOptions().Hash(), settings.Aggregate(new RunOptions(), OptionsJson.Set).Hash());
    }

    public void Dispose() => _folder.Dispose();
}
