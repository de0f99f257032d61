using ByolSharp.Export;
using ByolSharp.Export.Torch;
using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

public sealed class CifarResNetTests
{
    [Theory]
    [InlineData("resnet20", 269_722)]
    [InlineData("resnet32", 464_154)]
    [InlineData("resnet44", 658_586)]
    [InlineData("resnet56", 853_018)]
    [InlineData("resnet110", 1_727_962)]
    public void Parameters_are_as_many_as_published_less_the_classifier(string name, long published)
    {
        using Backbone network = BackboneFactory.Build(new() { Name = name });

        Assert.Equal(published - 650, Networks.Parameters(network));
    }

    [Fact]
    public void Option_A_has_no_parameters_and_option_B_a_projection_where_the_channels_grow()
    {
        using Backbone a = BackboneFactory.Build(new() { Name = "resnet20", Shortcut = ShortcutKind.ZeroPad });
        using Backbone b = BackboneFactory.Build(new() { Name = "resnet20", Shortcut = ShortcutKind.Projection });

        string[] added = [.. b.named_parameters().Select(p => p.name).Except(a.named_parameters().Select(p => p.name))];
        Assert.Equal(
            ["layer2.0.shortcut.0.weight", "layer2.0.shortcut.1.weight", "layer2.0.shortcut.1.bias",
                "layer3.0.shortcut.0.weight", "layer3.0.shortcut.1.weight", "layer3.0.shortcut.1.bias"], added);
        Assert.Equal(269_072 + 32 * 16 + 64 * 32 + 2 * 32 + 2 * 64, Networks.Parameters(b));
    }

    [Theory]
    [InlineData(32, 1, 64)]
    [InlineData(16, 2, 128)]
    [InlineData(17, 0.5, 32)]
    public void Width_scales_the_representation(int size, double width, int representation)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet20", WidthMultiplier = width });
        network.eval();

        Assert.Equal([2, representation], network.call(Networks.Views(2, size)).shape);
        Assert.Equal(representation, network.RepresentationSize);
    }

    [Fact]
    public void The_strided_network_has_twice_the_width_behind_a_stem_with_stride_2()
    {
        using Backbone named = BackboneFactory.Create(new() { Name = "resnet8-strided" }, seed: 1);
        using Backbone spelled = BackboneFactory.Create(new() { Name = "resnet8", WidthMultiplier = 2, Stem = StemKind.Strided }, seed: 1);

        Assert.Equal(128, named.RepresentationSize);
        Assert.All(named.state_dict().Zip(spelled.state_dict()), pair =>
        {
            Assert.Equal(pair.Second.Key, pair.First.Key);
            Assert.True(pair.First.Value.eq(pair.Second.Value).all().item<bool>());
        });
    }

    [Theory]
    [InlineData(StemKind.Auto, 32)]
    [InlineData(StemKind.Strided, 16)]
    [InlineData(StemKind.ImageNet, 8)]
    public void A_stem_decides_the_size_of_the_first_maps(StemKind stem, long size)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "resnet8", Stem = stem });
        long seen = 0;
        ((nn.Module<Tensor, Tensor>)network.named_modules().Single(m => m.name == "layer1.0").module)
            .register_forward_hook((_, _, output) => { seen = output.shape[2]; return output; });

        Assert.Equal([2, 64], network.call(Networks.Views(2, 32)).shape);
        Assert.Equal(size, seen);
    }

    /// <summary>
    /// Weights trained and published by others (test error 8.27 %) are right on 915 of the 1,000 images when run by an independent
    /// implementation: padding, strides, shortcuts, batch normalisation and the order of all layers are as they should be.
    /// </summary>
    [Fact]
    public void Published_weights_are_right_as_often_as_in_an_independent_implementation()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        string path = TestData.Find("reference", "resnet_cifar10", "resnet20-12fca82f.th");
        byte[] records = File.ReadAllBytes(Path.Combine(TestData.Find("cifar10", "test"), "test_batch.bin"));
        using Backbone network = BackboneFactory.Build(new() { Name = "resnet20", ImageSize = 32 });
        EncoderFile.LoadWeights(path, network);
        network.eval();
        Tensor mean = tensor(new[] { 0.485f, 0.456f, 0.406f }, [3, 1, 1]), std = tensor(new[] { 0.229f, 0.224f, 0.225f }, [3, 1, 1]);
        using TorchCheckpoint weights = TorchCheckpoint.Read(path);
        Tensor classifier = weights.Tensors["module.linear.weight"], bias = weights.Tensors["module.linear.bias"];

        const int recordLength = 1 + 3 * 32 * 32, batch = 100;
        long right = 0;
        foreach (byte[][] chunk in records.Chunk(recordLength).Chunk(batch))
        {
            using IDisposable step = NewDisposeScope();
            float[] pixels = [.. chunk.SelectMany(record => record.Skip(1)).Select(value => value / 255f)];
            Tensor labels = tensor([.. chunk.Select(record => (long)record[0])]);
            Tensor y = network.call((tensor(pixels, [batch, 3, 32, 32]) - mean) / std);
            right += nn.functional.linear(y, classifier, bias).argmax(1).eq(labels).sum().item<long>();
        }

        Assert.Equal(915, right);
    }
}
