using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Images.Backbones;
using ByolSharp.Tests.Training;
using ByolSharp.Video.Backbones;
using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>
/// What an encoder computes is what double precision computes, whatever its channels and their order in memory, and does not depend on memory that nobody wrote.
/// It is not so where libtorch does not know the sizes of the caches (see <see cref="HiddenCaches"/>).
/// </summary>
[Collection(nameof(WholeProcess))]
public sealed class EncoderPrecisionTests
{
    private const double OddWidth = 0.4; // channels that are no multiple of what vectors hold

    public static TheoryData<string, double> Images => [.. BackboneFactory.Names
        .Where(name => name is not ("resnet101" or "resnet152" or "resnet200" or "vit-base" or "resnet56" or "resnet110"))
        .SelectMany(name => (double[])(name.StartsWith("vit") ? [1] : [OddWidth, 1]), (name, width) => (name, width))];

    public static TheoryData<string, double> Videos => [.. VideoBackbones.Names.SelectMany(name => (double[])[OddWidth, 1], (name, width) => (name, width))];

    [Theory]
    [MemberData(nameof(Images))]
    public void Images_are_represented_as_in_double_precision(string name, double width)
    {
        using Backbone network = BackboneFactory.Create(new() { Name = name, ImageSize = 32, WidthMultiplier = width, ZeroGamma = false, Shortcut = ShortcutKind.Projection });

        EqualsDoublePrecision(network, [4, 3, 32, 32]);
    }

    [Theory]
    [MemberData(nameof(Videos))]
    public void Videos_are_represented_as_in_double_precision(string name, double width)
    {
        using Backbone network = VideoBackbones.Create(new() { Name = name, WidthMultiplier = width, ZeroGamma = false });

        EqualsDoublePrecision(network, [2, 3, 8, 32, 32]);
    }

    private static void EqualsDoublePrecision(Backbone network, long[] shape)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor views = rand(shape, generator: generator);
        Tensor direction = randn([1, network.RepresentationSize], generator: generator);
        network.eval();
        Tensor first = Represent(views), second = Represent(views);
        Dictionary<string, Tensor> gradients = Gradients(views);

        network.to(ScalarType.Float64);
        Tensor exact = Represent(views.to(ScalarType.Float64));
        Dictionary<string, Tensor> exactGradients = Gradients(views.to(ScalarType.Float64));

        Assert.Equal(Networks.Bits(first), Networks.Bits(second));
        Assert.InRange(Error(first, exact), 0, 1e-5);
        Assert.All(gradients, gradient => Assert.InRange(Error(gradient.Value, exactGradients[gradient.Key]), 0, 1e-2));

        Tensor Represent(Tensor input)
        {
            using var noGradients = no_grad();
            ForeignMemory.Leave();
            return network.call(input);
        }

        Dictionary<string, Tensor> Gradients(Tensor input)
        {
            ForeignMemory.Leave();
            network.zero_grad();
            (network.call(input) * direction.to(input.dtype)).mean().backward();
            return network.named_parameters().Where(p => p.parameter.requires_grad).ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        }
    }

    /// <summary>
    /// The norm of the difference, of the norm of the values; infinite where something is not a number. Rounding turns a few rectifiers on or off, which single
    /// gradients show and their norm hardly; the faults are of the size of the values.
    /// </summary>
    private static double Error(Tensor values, Tensor exact)
    {
        double error = (values.to(ScalarType.Float64) - exact).norm().item<double>() / Math.Max(exact.norm().item<double>(), 1e-12);
        return double.IsNaN(error) ? double.PositiveInfinity : error;
    }
}
