using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

public sealed class NormLayersTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(16, 8)]
    [InlineData(24, 12)]
    [InlineData(64, 32)]
    [InlineData(2048, 32)]
    [InlineData(90, 30)]
    public void Groups_divide_the_channels_and_hold_at_least_two(long channels, long groups) => Assert.Equal(groups, NormLayers.GroupsFor(channels));

    [Fact]
    public void Standardised_filters_have_mean_0_and_variance_1()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using var convolution = new StandardizedConv2d(7, 5, kernel: 3);
        convolution.get_parameter("weight")!.mul_(0.1).add_(0.5);

        Tensor weight = convolution.StandardizedWeight();

        Assert.Equal([5, 7, 3, 3], weight.shape);
        foreach (float mean in weight.mean([1, 2, 3]).data<float>())
        {
            Assert.Equal(0, mean, 1e-4f);
        }
        foreach (float variance in weight.flatten(1).var(1, unbiased: false).data<float>())
        {
            Assert.Equal(1, variance, 1e-3f);
        }
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet50")]
    [InlineData("resnet20")]
    public void Without_batch_normalisation_a_sample_does_not_depend_on_the_rest_of_its_batch(string name)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        Tensor batch = Networks.Views(4, 16);
        BackboneOptions options = new() { Name = name, ImageSize = 16, WidthMultiplier = 0.25, Shortcut = ShortcutKind.Projection };
        using Backbone group = BackboneFactory.Create(options with { Norm = NormKind.Group, ZeroGamma = false });
        using Backbone batchNorm = BackboneFactory.Create(options with { ZeroGamma = false });

        Assert.InRange(DifferenceOfTheFirst(group), 0, 1e-5f);
        Assert.True(DifferenceOfTheFirst(batchNorm) > 0.01f);
        Assert.Empty(group.named_buffers());

        float DifferenceOfTheFirst(Backbone network) =>
            Networks.LargestDifference(network.call(batch)[0], network.call(batch.narrow(0, 0, 2))[0]);
    }

    [Fact]
    public void Group_normalised_networks_keep_the_names_of_their_parameters()
    {
        using Backbone group = BackboneFactory.Build(new() { Name = "resnet50", WidthMultiplier = 0.25, Norm = NormKind.Group });
        using Backbone batch = BackboneFactory.Build(new() { Name = "resnet50", WidthMultiplier = 0.25 });

        Assert.Equal(batch.named_parameters().Select(p => (p.name, string.Join("x", p.parameter.shape))),
            group.named_parameters().Select(p => (p.name, string.Join("x", p.parameter.shape))));
    }

    [Fact]
    public void A_batch_normalisation_of_ones_own_is_used_everywhere()
    {
        var channels = new List<long>();

        using Backbone network = BackboneFactory.Create(new() { Name = "resnet18", WidthMultiplier = 0.125 }, batchNorm: c =>
        {
            channels.Add(c);
            return nn.BatchNorm2d(c);
        });

        Assert.Equal(20, channels.Count);
    }
}
