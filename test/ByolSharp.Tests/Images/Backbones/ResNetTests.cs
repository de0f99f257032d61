using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Reference;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

public sealed class ResNetTests
{
    [Theory]
    [InlineData("resnet18", 11_176_512)]
    [InlineData("resnet50", 23_508_032)]
    public void Keys_and_shapes_are_those_of_torchvision(string name, long parameters)
    {
        using Backbone network = BackboneFactory.Build(new() { Name = name, ImageSize = 224 });
        Dictionary<string, long[]> expected = ReferenceFile.Shapes($"torchvision-{name}.txt");
        Dictionary<string, Tensor> actual = network.state_dict();

        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.Equal(expected.Keys.Where(k => k.EndsWith("weight") || k.EndsWith("bias")), network.named_parameters().Select(p => p.name));
        Assert.All(expected, e => Assert.Equal(e.Value, actual[e.Key].shape));
        Assert.All(actual, a => Assert.Equal(a.Key.EndsWith("num_batches_tracked") ? ScalarType.Int64 : ScalarType.Float32, a.Value.dtype));
        Assert.Equal(parameters, Networks.Parameters(network));
    }

    [Theory]
    [InlineData("resnet34", 21_284_672)]
    [InlineData("resnet101", 42_500_160)]
    [InlineData("resnet152", 58_143_808)]
    [InlineData("resnet200", 64_673_832 - 2_049_000)] // timm's, less its classifier
    public void Deeper_networks_have_torchvisions_number_of_parameters(string name, long parameters)
    {
        using Backbone network = BackboneFactory.Build(new() { Name = name });

        Assert.Equal(parameters, Networks.Parameters(network));
    }

    [Theory]
    [InlineData("resnet18", 32, StemKind.Auto, 1, 512, 4)]
    [InlineData("resnet18", 64, StemKind.Auto, 1, 512, 2)]
    [InlineData("resnet18", 33, StemKind.ImageNet, 0.25, 128, 2)]
    [InlineData("resnet18", 224, StemKind.ImageNet, 0.25, 128, 7)]
    [InlineData("resnet50", 64, StemKind.ImageNet, 0.25, 512, 2)]
    [InlineData("resnet50", 16, StemKind.Small, 2, 4096, 2)]
    public void Width_and_stem_give_the_expected_sizes(string name, int size, StemKind stem, double width, int representation, int lastSide)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Build(new() { Name = name, ImageSize = size, Stem = stem, WidthMultiplier = width });
        network.eval();
        var sides = new List<long>();
        foreach ((string part, nn.Module module) in network.named_modules())
        {
            if (part.StartsWith("layer4.") && part.EndsWith("bn1"))
            {
                ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, _, output) =>
                {
                    sides.Add(output.size(3));
                    return output;
                });
            }
        }

        Tensor y = network.call(Networks.Views(2, size));

        Assert.Equal([2, representation], y.shape);
        Assert.Equal(representation, network.RepresentationSize);
        Assert.Equal(lastSide, sides[^1]);
    }

    [Fact]
    public void Any_number_of_channels_is_taken()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet18", ImageSize = 32, InputChannels = 5, WidthMultiplier = 0.25 });
        network.eval();

        Assert.Equal([2, 128], network.call(Networks.Views(2, 32, channels: 5)).shape);
    }

    [Fact]
    public void The_stride_of_a_bottleneck_is_on_its_3x3_convolution()
    {
        using Backbone network = BackboneFactory.Build(new() { Name = "resnet50", WidthMultiplier = 0.25 });

        Assert.Equal([1, 1], Stride(network, "layer2.0.conv1"));
        Assert.Equal([2, 2], Stride(network, "layer2.0.conv2"));
        Assert.Equal([2, 2], Stride(network, "layer2.0.downsample.0"));
        Assert.Equal([1, 1], Stride(network, "layer2.1.conv2"));
    }

    [Fact]
    public void Zero_gamma_touches_the_last_normalisation_of_bottlenecks_alone()
    {
        using Backbone deep = BackboneFactory.Create(new() { Name = "resnet50", WidthMultiplier = 0.125, ZeroGamma = true });
        using Backbone basic = BackboneFactory.Create(new() { Name = "resnet18", WidthMultiplier = 0.125, ZeroGamma = true });
        using Backbone off = BackboneFactory.Create(new() { Name = "resnet50", WidthMultiplier = 0.125, ZeroGamma = false });

        string[] zero = [.. Scales(deep).Where(s => s.Value == 0).Select(s => s.Name)];
        Assert.Equal(16, zero.Length);
        Assert.All(zero, name => Assert.EndsWith("bn3.weight", name));
        Assert.All(Scales(basic), s => Assert.Equal(1, s.Value));
        Assert.All(Scales(off), s => Assert.Equal(1, s.Value));
    }

    [Fact]
    public void Gradients_reach_every_parameter_though_activations_are_changed_in_place()
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet50", ImageSize = 16, WidthMultiplier = 0.125, ZeroGamma = false });

        network.call(Networks.Views(4, 16)).square().sum().backward();

        Assert.All(network.named_parameters(), p => Assert.True(p.parameter.grad is { } g && g.abs().sum().item<float>() > 0, p.name));
    }

    [Fact]
    public void A_gradient_is_the_slope_of_the_loss()
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet8", ImageSize = 8, Shortcut = ShortcutKind.Projection });
        network.to(ScalarType.Float64);
        Tensor views = Networks.Views(4, 8).to(ScalarType.Float64);
        double Loss() => network.call(views).pow(3).sum().item<double>();

        network.call(views).pow(3).sum().backward();
        foreach (string name in new[] { "conv1.weight", "layer2.0.conv2.weight", "layer2.0.shortcut.0.weight", "layer3.0.bn1.bias" })
        {
            var parameter = network.get_parameter(name)!;
            Tensor direction = parameter.grad!.clone();
            double slope = direction.square().sum().item<double>(), step = 1e-6 / Math.Sqrt(slope);
            using (no_grad())
            {
                parameter.add_(direction * step);
                double above = Loss();
                parameter.sub_(direction * (2 * step));
                double below = Loss();
                parameter.add_(direction * step);
                Assert.Equal(1, (above - below) / (2 * step * slope), 1e-3);
            }
        }
    }

    private static IEnumerable<(string Name, float Value)> Scales(nn.Module network) => network.named_parameters()
        .Where(p => p.parameter.dim() == 1 && p.name.EndsWith("weight")).Select(p => (p.name, p.parameter[0].item<float>()));

    private static long[] Stride(Backbone network, string part) =>
        [.. ((TorchSharp.Modules.Conv2d)network.named_modules().Single(m => m.name == part).module).stride];
}
