using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Reference;
using ByolSharp.Video;
using ByolSharp.Video.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Video.Backbones;

public sealed class VideoBackboneTests
{
    private const long TorchvisionHead = 512 * 400 + 400, SlowHead = 2048 * 400 + 400;

    [Theory]
    [InlineData("r3d_18", "torchvision-r3d_18.txt", 33_371_472 - TorchvisionHead)]
    [InlineData("mc3_18", "torchvision-mc3_18.txt", 11_695_440 - TorchvisionHead)]
    [InlineData("r2plus1d_18", "torchvision-r2plus1d_18.txt", 31_505_325 - TorchvisionHead)]
    [InlineData("slow_r50", "pyslowfast-slow_r50.txt", 32_454_096 - SlowHead)]
    public void Keys_and_shapes_are_those_of_Python(string name, string list, long parameters)
    {
        using Backbone network = VideoBackbones.Build(new() { Name = name });
        Dictionary<string, long[]> expected = ReferenceFile.Shapes(list);
        Dictionary<string, Tensor> actual = network.state_dict();

        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.All(expected, e => Assert.Equal(e.Value, actual[e.Key].shape));
        Assert.Equal(parameters, network.parameters().Sum(p => p.numel()));
    }

    [Theory]
    [InlineData("r3d_18", 0.125)]
    [InlineData("mc3_18", 0.125)]
    [InlineData("r2plus1d_18", 0.125)]
    [InlineData("slow_r50", 0.125)]
    [InlineData("r2plus1d_8", 0.5)]
    [InlineData("mc2_8", 0.5)]
    public void Clips_become_representations_and_gradients_reach_every_parameter(string name, double width)
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone network = VideoBackbones.Create(new() { Name = name, WidthMultiplier = width, ZeroGamma = false });

        Tensor y = network.call(Clips(3, 8, 32));
        y.square().sum().backward();

        Assert.Equal([3, network.RepresentationSize], y.shape);
        Assert.All(network.named_parameters(), p => Assert.True(p.parameter.grad is { } g && g.abs().sum().item<float>() > 0, p.name));
    }

    [Theory]
    [InlineData("r3d_18", 0.125)]
    [InlineData("mc3_18", 0.125)]
    [InlineData("r2plus1d_18", 0.125)]
    [InlineData("slow_r50", 0.125)]
    [InlineData("r2plus1d_8", 1)]
    [InlineData("mc2_8", 1)]
    public void A_clip_is_represented_alike_alone_and_beside_others(string name, double width)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = VideoBackbones.Create(new() { Name = name, WidthMultiplier = width }, seed: 3);
        network.call(Clips(4, 4, 32)); // running statistics that are not those of the start
        network.eval();
        Tensor clips = Clips(4, 4, 32), together = network.call(clips);

        for (int i = 0; i < 4; i++)
        {
            Assert.True(network.call(clips.narrow(0, i, 1).contiguous()).allclose(together.narrow(0, i, 1), 1e-3, 1e-4), $"clip {i}");
        }
    }

    [Theory]
    [InlineData("resnet18", "r3d_18")]
    [InlineData("resnet18", "mc3_18")]
    [InlineData("resnet50", "slow_r50")]
    public void An_inflated_encoder_of_images_sees_a_still_clip_as_the_image(string image, string video)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using var folder = new TempFolder();
        var options = new BackboneOptions { Name = image, WidthMultiplier = 0.125, ImageSize = 64, Stem = StemKind.ImageNet, ZeroGamma = false };
        using Backbone still = BackboneFactory.Create(options, seed: 3);
        still.call(Clips(8, 1, 64).squeeze(2)); // running statistics that are not those of the start
        still.eval();
        EncoderFile.Save(folder.Of("encoder.safetensors"), still, options, new());
        using Backbone moving = VideoBackbones.Create(new() { Name = video, WidthMultiplier = 0.125 });

        Inflation.LoadWeights(folder.Of("encoder.safetensors"), moving);
        moving.eval();

        Tensor clip = Clips(2, 1, 64);
        bool poolsAsTheImage = video == "slow_r50"; // torchvision's video networks have no max pooling behind their stem
        Tensor expected = poolsAsTheImage ? still.call(clip.squeeze(2)) : moving.call(clip);
        Assert.True(moving.call(clip.expand(-1, -1, 4, -1, -1).contiguous()).allclose(expected, 1e-4, 1e-5));
    }

    [Fact]
    public void What_does_not_inflate_is_said()
    {
        using var folder = new TempFolder();
        var options = new BackboneOptions { Name = "resnet18", WidthMultiplier = 0.125, ImageSize = 64 };
        using Backbone still = BackboneFactory.Build(options);
        EncoderFile.Save(folder.Of("encoder.safetensors"), still, options, new());
        using Backbone factored = VideoBackbones.Build(new() { Name = "r2plus1d_18", WidthMultiplier = 0.125 });

        Assert.Contains("does not fit", Assert.Throws<StorageException>(() => Inflation.LoadWeights(folder.Of("encoder.safetensors"), factored)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_video_encoder_is_rebuilt_from_its_file()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using var folder = new TempFolder();
        var options = new BackboneOptions { Name = "r2plus1d_8", WidthMultiplier = 0.5 };
        using Backbone network = VideoBackbones.Create(options, seed: 5);
        network.eval();
        EncoderFile.Save(folder.Of("encoder.safetensors"), network, options, new() { Video = new() { Frames = 4, Stride = 2 } });

        var (rebuilt, _, metadata) = EncoderFile.Load(folder.Of("encoder.safetensors"));

        Assert.Equal((4, 2), (metadata.Video!.Frames, metadata.Video.Stride));
        Assert.True(rebuilt.call(Clips(2, 4, 32)).allclose(network.call(Clips(2, 4, 32))));
        rebuilt.Dispose();
    }

    private static Tensor Clips(long count, long frames, long size) =>
        (arange(count * 3 * frames * size * size, ScalarType.Float32) * 0.371).sin().reshape(count, 3, frames, size, size);
}
