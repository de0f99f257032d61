using System.Text.Json.Nodes;
using ByolSharp.Images;
using ByolSharp.Optimizers;

namespace ByolSharp.Tests;

public sealed class PresetsTests
{
    [Theory]
    [InlineData("imagenet-r50-1000ep", 1000, 0.2, 1.5e-6, 0.996)]
    [InlineData("imagenet-r50-300ep", 300, 0.3, 1e-6, 0.99)]
    [InlineData("imagenet-r50-100ep", 100, 0.45, 1e-6, 0.99)]
    [InlineData("imagenet-r50-40ep", 40, 0.45, 1e-6, 0.97)]
    public void ImageNet_presets_hold_the_authors_constants(string name, int epochs, double rate, double weightDecay, double tau)
    {
        var options = Presets.Get(name);

        Assert.Equal(("resnet50", 224, 4096), (options.Backbone.Name, options.Data.ImageSize, options.Trainer.BatchSize));
        Assert.Equal(Duration.OfEpochs(epochs), options.Trainer.Duration);
        Assert.Equal((OptimizerKind.Lars, LarsFormula.Official, 1e-3, 0.9), (options.Optimizer.Kind, options.Optimizer.LarsFormula, options.Optimizer.TrustCoefficient, options.Optimizer.Momentum));
        Assert.Equal((rate, weightDecay, Duration.OfEpochs(10)), (options.Optimizer.BaseLearningRate, options.Optimizer.WeightDecay, options.Optimizer.Warmup));
        Assert.Equal((tau, 4096, 256), (options.Byol.BaseTargetEma, options.Byol.HiddenSize, options.Byol.ProjectionSize));
        Assert.Equal(ImageViewOptions.Official, options.Views);
    }

    [Fact]
    public void Imagenette_preset_holds_the_constants_of_the_authors_fast_set_up()
    {
        var options = Presets.Get("imagenette-r18");

        Assert.Equal(("resnet18", 128, 256), (options.Backbone.Name, options.Data.ImageSize, options.Trainer.BatchSize));
        Assert.Equal((2.0, 1e-6, 0.996), (options.Optimizer.BaseLearningRate, options.Optimizer.WeightDecay, options.Byol.BaseTargetEma));
        Assert.Equal(Duration.OfEpochs(1000), options.Trainer.Duration);
    }

    [Fact]
    public void Every_preset_is_valid_named_after_itself_and_survives_a_round_trip() => Assert.All(Presets.All, preset =>
    {
        preset.Options.Validate();
        Assert.Equal(preset.Name, preset.Options.Preset);
        Assert.Equal(OptionsJson.Write(preset.Options), OptionsJson.Write(OptionsJson.Read(new RunOptions(), OptionsJson.Write(preset.Options), "test")));
    });

    [Fact]
    public void An_unknown_preset_names_the_nearest() =>
        Assert.Contains("did you mean 'small-cpu'?", Assert.Throws<ConfigurationException>(() => Presets.Get("smal-cpu")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_hash_changes_with_what_shapes_the_result_and_with_nothing_else()
    {
        var options = Presets.Get("small-cpu");
        string hash = options.Hash();

        Assert.Equal(hash, OptionsJson.Set(options, "data.workers=7").Hash());
        Assert.Equal(hash, OptionsJson.Set(options, "trainer.logEvery=3steps").Hash());
        Assert.NotEqual(hash, OptionsJson.Set(options, "byol.baseTargetEma=0.5").Hash());
        Assert.NotEqual(hash, OptionsJson.Set(options, "seed=1").Hash());
        Assert.NotEqual(hash, OptionsJson.Set(options, "views.t.blurProbability=0.3").Hash());
    }

    [Fact]
    public void Keys_that_may_change_on_resuming_all_exist()
    {
        var tree = OptionsJson.ToTree(new RunOptions());

        Assert.All(RunOptions.FreeKeys, key => Assert.True(
            key.Split('.').Aggregate((JsonObject?)tree, (node, part) => node?[part] is JsonObject group ? group : node!.ContainsKey(part) ? node : null) is not null, key));
    }
}
