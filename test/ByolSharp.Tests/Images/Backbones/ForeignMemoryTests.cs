using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Training;
using ByolSharp.Video.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

/// <summary>
/// Convolutions of libtorch read unwritten memory in one memory order (see <see cref="ChannelsLast"/>): no encoder may, in whatever order it is given views,
/// and with channels that are no multiple of anything.
/// </summary>
[Collection(nameof(WholeProcess))]
public sealed class ForeignMemoryTests
{
    public static TheoryData<string> Images => [.. BackboneFactory.Names.Where(name => name is not ("resnet101" or "resnet152" or "resnet200" or "vit-base" or "resnet56"))];

    public static TheoryData<string> Videos => [.. VideoBackbones.Names];

    [Theory]
    [MemberData(nameof(Images))]
    public void Representations_of_images_depend_on_the_image_alone(string name)
    {
        using Backbone network = BackboneFactory.Create(new() { Name = name, ImageSize = 32, WidthMultiplier = name.StartsWith("vit") ? 1 : 0.4 });

        DependsOnViewsAlone(network, [2, 3, 32, 32]);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Representations_of_videos_depend_on_the_clip_alone(string name)
    {
        using Backbone network = VideoBackbones.Create(new() { Name = name, WidthMultiplier = 0.4 });

        DependsOnViewsAlone(network, [2, 3, 8, 32, 32]);
    }

    private static void DependsOnViewsAlone(Backbone network, long[] shape)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using var generator = new Generator(1, CPU);
        Tensor views = rand(shape, generator: generator);
        network.eval();
        float[] first = Represent();
        float[] second = Represent();

        Assert.DoesNotContain(first, float.IsNaN);
        Assert.Equal(first, second);

        float[] Represent()
        {
            ForeignMemory.Leave();
            return network.call(views).data<float>().ToArray();
        }
    }
}
