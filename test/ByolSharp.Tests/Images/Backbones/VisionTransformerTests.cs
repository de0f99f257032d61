using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

public sealed class VisionTransformerTests
{
    /// <summary>timm's models without their classifier (width * 1000 + 1000) and with 197 learnt positions: 5,524,416, 21,665,664, 85,798,656.</summary>
    [Theory]
    [InlineData("vit-tiny", 192, 5_524_416)]
    [InlineData("vit-small", 384, 21_665_664)]
    [InlineData("vit-base", 768, 85_798_656)]
    public void Parameters_are_as_many_as_timms_less_the_fixed_positions(string name, int width, long timm)
    {
        using Backbone network = BackboneFactory.Build(new() { Name = name, ImageSize = 224 });

        Assert.Equal(timm - 197 * width, Networks.Parameters(network));
        Assert.Equal([1, 197, width], network.state_dict()["pos_embed"].shape);
    }

    [Fact]
    public void Keys_are_timms()
    {
        using Backbone network = BackboneFactory.Build(new() { Name = "vit-tiny", ImageSize = 32 });
        string[] block = ["norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias",
            "norm2.weight", "norm2.bias", "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"];
        string[] expected = ["cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias",
            .. Enumerable.Range(0, 12).SelectMany(i => block.Select(key => $"blocks.{i}.{key}")), "norm.weight", "norm.bias"];

        Assert.Equal(expected.Order(), network.state_dict().Keys.Order());
        Assert.Equal([192, 3, 4, 4], network.state_dict()["patch_embed.proj.weight"].shape);
        Assert.Equal([576, 192], network.state_dict()["blocks.11.attn.qkv.weight"].shape);
        Assert.Equal([768, 192], network.state_dict()["blocks.11.mlp.fc1.weight"].shape);
    }

    [Fact]
    public void Positions_have_the_values_of_the_formula()
    {
        using Tensor positions = VisionTransformer.SineCosinePositions(side: 3, width: 8);
        float[] row2Column1 = positions[0, 1 + 3 * 2 + 1].data<float>().ToArray();

        // quarter = 2, so the frequencies are 10000^0 = 1 and 10000^(-1/2) = 0.01
        Assert.Equal([1, 10, 8], positions.shape);
        Assert.All(positions[0, 0].data<float>().ToArray(), v => Assert.Equal(0, v));
        Assert.Equal([0.909297, 0.019999, -0.416147, 0.999800, 0.841471, 0.010000, 0.540302, 0.999950],
            row2Column1.Select(v => Math.Round((double)v, 6)));
    }

    [Fact]
    public void The_patch_embedding_and_the_positions_stay_and_all_else_learns()
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone frozen = BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = 32 });
        using Backbone free = BackboneFactory.Build(new() { Name = "vit-tiny", ImageSize = 32, FreezePatchEmbedding = false });

        frozen.call(Networks.Views(2, 32)).square().sum().backward();

        Assert.Equal(["patch_embed.proj.weight", "patch_embed.proj.bias"],
            frozen.named_parameters().Where(p => !p.parameter.requires_grad).Select(p => p.name));
        Assert.All(frozen.named_parameters().Where(p => p.parameter.requires_grad), p => Assert.False(p.parameter.grad is null, p.name));
        Assert.DoesNotContain("pos_embed", frozen.named_parameters().Select(p => p.name));
        Assert.All(free.parameters(), p => Assert.True(p.requires_grad));
    }

    [Theory]
    [InlineData(32, null, TokenPooling.Cls)]
    [InlineData(32, 8, TokenPooling.Mean)]
    [InlineData(64, null, TokenPooling.Mean)]
    [InlineData(224, 16, TokenPooling.Cls)]
    public void Representations_have_the_width_of_a_token(int size, int? patch, TokenPooling pooling)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = size, PatchSize = patch, Pooling = pooling });

        Assert.Equal([1, 192], network.call(Networks.Views(1, size)).shape);
    }

    [Fact]
    public void Attention_is_the_softmax_of_scaled_products()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = 8, PatchSize = 4 });
        Dictionary<string, Tensor> weights = network.state_dict();
        var attention = (nn.Module<Tensor, Tensor>)network.named_modules().Single(m => m.name == "blocks.0.attn").module;
        Tensor x = Networks.Views(5, 8).view(5, 192).view(1, 5, 192);

        Tensor[] qkv = nn.functional.linear(x[0], weights["blocks.0.attn.qkv.weight"], weights["blocks.0.attn.qkv.bias"]).chunk(3, 1);
        Tensor[] heads = [.. Enumerable.Range(0, 3).Select(h =>
        {
            Tensor[] part = [.. qkv.Select(t => t.narrow(1, 64 * h, 64))];
            return part[0].mm(part[1].t()).div(8).softmax(1).mm(part[2]);
        })];
        Tensor expected = nn.functional.linear(cat(heads, 1), weights["blocks.0.attn.proj.weight"], weights["blocks.0.attn.proj.bias"]);

        Assert.InRange(Networks.LargestDifference(expected, attention.call(x)[0]), 0, 1e-5f);
    }

    [Fact]
    public void The_mean_of_the_patches_leaves_the_class_token_out()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone mean = BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = 8, PatchSize = 4, Pooling = TokenPooling.Mean });
        Tensor? tokens = null;
        ((nn.Module<Tensor, Tensor>)mean.named_modules().Single(m => m.name == "norm").module).register_forward_hook((_, _, output) =>
        {
            tokens = output.clone().DetachFromDisposeScope();
            return output;
        });

        Tensor y = mean.call(Networks.Views(2, 8));

        Assert.InRange(Networks.LargestDifference(tokens!.narrow(1, 1, 4).mean([1]), y), 0, 1e-6f);
        tokens!.Dispose();
    }

    [Fact]
    public void Official_weights_are_those_of_moco_v3()
    {
        using Backbone network = BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = 32 });

        // variance 2 / (fan in + fan out); query, key and value each count as a square matrix
        Assert.Equal(Math.Sqrt(2.0 / (192 + 192)), network.get_parameter("blocks.0.attn.qkv.weight")!.std().item<float>(), 5e-4);
        Assert.Equal(Math.Sqrt(2.0 / (192 + 768)), network.get_parameter("blocks.0.mlp.fc1.weight")!.std().item<float>(), 5e-4);
        Assert.Equal(0f, network.get_parameter("blocks.0.mlp.fc1.bias")!.abs().max().item<float>());
    }

    [Fact]
    public void Patches_that_do_not_tile_the_image_are_refused() => Assert.Equal("patchSize 5 does not divide imageSize 32: choose one that does",
        Assert.Throws<ConfigurationException>(() => BackboneFactory.Create(new() { Name = "vit-tiny", ImageSize = 32, PatchSize = 5 })).Message);
}
