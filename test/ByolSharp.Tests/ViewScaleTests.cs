using static TorchSharp.torch;

namespace ByolSharp.Tests;

public sealed class ViewScaleTests
{
    [Fact]
    public void Views_grow_linearly_and_stay_at_their_full_size()
    {
        var ratio = ViewScale.Growing(0.5, 100);

        Assert.Equal([0.5, 0.75, 0.995, 1, 1], new long[] { 0, 50, 99, 100, 1000 }.Select(step => ratio(step)), new NearComparer(1e-12));
        Assert.Equal(1, ViewScale.Growing(0.5, 0)(0));
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(0.25, 1)]
    [InlineData(1, 0.3)]
    public void The_mean_cost_is_that_of_the_pixels_seen(double start, double growing)
    {
        const long steps = 10_000;
        var ratio = ViewScale.Growing(start, (long)(growing * steps));
        double mean = Enumerable.Range(0, (int)steps).Average(step => Math.Pow(ratio(step), 2));

        Assert.Equal(mean, ViewScale.MeanCost(start, growing), 1e-3);
    }

    [Fact]
    public void Scaling_averages_and_keeps_the_order_of_the_channels_in_memory()
    {
        using var scope = NewDisposeScope();
        var views = ChannelsLast.Convert(rand(2, 3, 24, 24));
        var half = ViewScale.Apply(views, 0.5);

        Assert.Equal([2, 3, 12, 12], half.shape);
        Assert.Equal(1, half.stride()[1]);
        Assert.True((half.mean() - views.mean()).abs().item<float>() < 5e-3);
        Assert.Same(views, ViewScale.Apply(views, 1));
        Assert.Same(views, ViewScale.Apply(views, 0.99));
    }

    [Fact]
    public void The_target_sees_smaller_views_and_the_online_network_whole_ones()
    {
        using var scope = NewDisposeScope();
        using var byol = new ByolSharp.Byol(() => new TinyBackbone(), new() { HiddenSize = 16, ProjectionSize = 8, TargetSizeRatio = 0.5 });
        var seen = new List<long>();
        foreach (var network in new[] { byol.Online, byol.Target })
        {
            network.Encoder.register_forward_hook((_, input, output) =>
            {
                seen.Add(input.shape[2]);
                return output;
            });
        }
        byol.Forward(rand(4, 3, 16, 16), rand(4, 3, 16, 16));

        Assert.Equal([16, 8, 16, 8], seen);
    }

    [Fact]
    public void Networks_of_a_fixed_size_are_refused_by_key()
    {
        var options = Presets.Get("small-cpu") with { Backbone = new() { Name = "vit-tiny" } };
        options = options with { Data = options.Data with { EvalSizeRatio = 1 } };

        foreach (string setting in new[] { "data.startSizeRatio=0.5", "byol.targetSizeRatio=0.5" })
        {
            var error = Assert.Throws<ConfigurationException>(() => OptionsJson.Set(options, setting).Validate());

            Assert.Contains(setting.Split('=')[0], error.Message, StringComparison.Ordinal);
        }
    }
}
