using ByolSharp.Images.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

public sealed class BackboneFactoryTests
{
    public static TheoryData<BackboneOptions> Families => new(
        new BackboneOptions { Name = "resnet18", ImageSize = 16, WidthMultiplier = 0.25 },
        new BackboneOptions { Name = "resnet18", ImageSize = 64, WidthMultiplier = 0.25, Norm = NormKind.Group },
        new BackboneOptions { Name = "resnet50", ImageSize = 32, WidthMultiplier = 0.25, ZeroGamma = false },
        new BackboneOptions { Name = "resnet20", ImageSize = 16 },
        new BackboneOptions { Name = "resnet20", ImageSize = 16, Shortcut = ShortcutKind.Projection, Norm = NormKind.Group },
        new BackboneOptions { Name = "vit-tiny", ImageSize = 16 });

    [Theory]
    [MemberData(nameof(Families))]
    public void Memory_layout_does_not_change_what_is_computed(BackboneOptions options)
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone network = BackboneFactory.Create(options);
        network.eval();
        Tensor views = Networks.Views(2, options.ImageSize);
        Tensor plain = network.call(views);
        plain.square().sum().backward();
        string probe = options.Name == "vit-tiny" ? "blocks.3.mlp.fc1.weight" : "layer1.0.conv1.weight";
        Tensor gradient = network.get_parameter(probe)!.grad!.clone();

        using Tensor flat = Networks.Flatten(network);
        network.zero_grad();
        Tensor fromFlat = network.call(Networks.ChannelsLast(views));
        fromFlat.square().sum().backward();

        float scale = plain.abs().max().item<float>();
        Assert.InRange(Networks.LargestDifference(plain, fromFlat) / scale, 0, 1e-5f);
        Assert.InRange(Networks.LargestDifference(gradient, network.get_parameter(probe)!.grad!) / gradient.abs().max().item<float>(), 0, 1e-4f);

        using (no_grad())
        {
            flat.zero_(); // the network really lives in the buffer: all its weights and scales are gone
        }
        Assert.Equal(0, network.call(views).abs().max().item<float>());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_seed_gives_the_same_network_and_another_seed_another(BackboneOptions options)
    {
        using Backbone first = BackboneFactory.Create(options, seed: 1), again = BackboneFactory.Create(options, seed: 1), other = BackboneFactory.Create(options, seed: 2);

        Assert.All(first.state_dict(), entry => Assert.Equal(Networks.Bits(entry.Value), Networks.Bits(again.state_dict()[entry.Key])));
        Assert.All(first.named_parameters().Where(p => p.parameter.dim() == 4),
            p => Assert.NotEqual(Networks.Bits(p.parameter), Networks.Bits(other.get_parameter(p.name)!)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_network_outlives_the_scope_it_was_built_in_and_leaves_nothing_behind(BackboneOptions options)
    {
        Backbone network;
        using (NewDisposeScope())
        {
            network = BackboneFactory.Create(options);
        }
        using Tensor views = Networks.Views(2, options.ImageSize);
        using IDisposable noGradients = no_grad();
        using IDisposable kept = network;
        network.call(views).Dispose();

        var counter = NewDisposeScope();
        Tensor y = network.call(views);
        Assert.Equal(1, counter.DisposablesCount);
        y.Dispose();
        counter.Dispose();
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_network_moves_to_another_element_type_as_a_whole(BackboneOptions options)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(options);
        network.eval();
        Tensor views = Networks.Views(2, options.ImageSize), single = network.call(views);

        network.to(ScalarType.Float64);
        Tensor twice = network.call(views.to(ScalarType.Float64));

        Assert.Equal(ScalarType.Float64, twice.dtype);
        Assert.InRange(Networks.LargestDifference(single, twice.to(ScalarType.Float32)) / single.abs().max().item<float>(), 0, 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Inside_another_module_the_keys_only_gain_its_prefix(BackboneOptions options)
    {
        using Backbone network = BackboneFactory.Build(options);
        string[] keys = [.. network.state_dict().Keys];

        using nn.Module outer = nn.Sequential(("encoder", network), ("projector", nn.Identity()));

        Assert.Equal(keys.Select(key => "encoder." + key), outer.state_dict().Keys);
        Assert.Equal(keys, network.state_dict().Keys);
    }

    [Fact]
    public void All_known_names_are_listed_in_the_message_for_an_unknown_one()
    {
        string message = Assert.Throws<ConfigurationException>(() => BackboneFactory.Create(new() { Name = "resnet19" })).Message;

        Assert.StartsWith("unknown backbone 'resnet19'; did you mean 'resnet18'? known: resnet18, resnet34, ", message);
        Assert.All(BackboneFactory.Names, name => Assert.Contains(name, message));
        Assert.StartsWith("unknown backbone 'alexnet'; known: ",
            Assert.Throws<ConfigurationException>(() => BackboneFactory.Create(new() { Name = "alexnet" })).Message);
    }

    [Theory]
    [InlineData(0, 32, 1.0, "inputChannels")]
    [InlineData(3, 4, 1.0, "imageSize")]
    [InlineData(3, 32, 0.0, "widthMultiplier")]
    [InlineData(3, 32, double.NaN, "widthMultiplier")]
    public void An_option_out_of_its_range_is_named(int channels, int size, double width, string key)
    {
        BackboneOptions options = new() { InputChannels = channels, ImageSize = size, WidthMultiplier = width };

        Assert.StartsWith(key, Assert.Throws<ConfigurationException>(() => BackboneFactory.Create(options)).Message);
    }

    [Fact]
    public void Running_statistics_follow_the_batches_as_in_pytorch()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet8", ImageSize = 8 });
        Tensor views = Networks.Views(4, 8);
        Tensor first = nn.functional.conv2d(views, network.get_parameter("conv1.weight")!, padding: [1, 1]);

        network.call(views);

        Assert.InRange(Networks.LargestDifference(first.mean([0, 2, 3]) * 0.1, network.get_buffer("bn1.running_mean")!), 0, 1e-6f);
        Tensor variance = first.transpose(0, 1).flatten(1).var(1);
        Assert.InRange(Networks.LargestDifference(variance * 0.1 + 0.9, network.get_buffer("bn1.running_var")!), 0, 1e-5f);
        Assert.Equal(1, network.get_buffer("bn1.num_batches_tracked")!.item<long>());
    }
}
