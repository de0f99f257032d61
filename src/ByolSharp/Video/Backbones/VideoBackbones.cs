using ByolSharp.Images.Backbones;

namespace ByolSharp.Video.Backbones;

/// <summary>Builds the video backbones by name. Of the options the name, the channels, the width, zero gamma and the initialisation count.</summary>
public static class VideoBackbones
{
    private static readonly (string Name, Func<BackboneOptions, Backbone> Build)[] Known =
    [
        ("r3d_18", options => Tran(options, ConvolutionKind.Full, ConvolutionKind.Full)),
        ("mc3_18", options => Tran(options, ConvolutionKind.Full, ConvolutionKind.Spatial)),
        ("r2plus1d_18", options => Tran(options, ConvolutionKind.Factored, ConvolutionKind.Factored)),
        ("slow_r50", options => new SlowResNet(options.Name, BackboneFactory.Scale(64, options), options.InputChannels)),
        ("r2plus1d_8", options => new VideoResNet(
            options.Name, BackboneFactory.Scale(16, options), [1, 1, 1], [ConvolutionKind.Factored, ConvolutionKind.Factored, ConvolutionKind.Factored], options.InputChannels, new(Side: 5))),
        ("mc2_8", options => new VideoResNet(
            options.Name, BackboneFactory.Scale(32, options), [1, 1, 1], [ConvolutionKind.Spatial, ConvolutionKind.Spatial, ConvolutionKind.Spatial], options.InputChannels, new(Side: 5, Frames: 7, FrameStride: 4))),
    ];

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Builds a backbone and draws its initial weights.</summary>
    /// <param name="options">What to build.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <exception cref="ConfigurationException">The name is unknown.</exception>
    public static Backbone Create(BackboneOptions options, long seed = 0)
    {
        Backbone backbone = Build(options);
        Initialization.Apply(backbone, options.Initialization, seed);
        if (options.ZeroGamma && backbone is SlowResNet slow)
        {
            slow.ZeroLastScales();
        }
        return backbone;
    }

    /// <summary>Builds a backbone with arbitrary weights, for one whose weights are about to be replaced; quicker than <see cref="Create"/>.</summary>
    /// <inheritdoc cref="Create" path="/param|/exception"/>
    public static Backbone Build(BackboneOptions options)
    {
        Backbone backbone = Known.FirstOrDefault(k => k.Name == options.Name).Build?.Invoke(options)
            ?? throw new ConfigurationException($"unknown video backbone '{options.Name}'; known: {string.Join(", ", Names)}");
        ChannelsLast.Arrange(backbone);
        return backbone;
    }

    private static VideoResNet Tran(BackboneOptions options, ConvolutionKind first, ConvolutionKind others) =>
        new(options.Name, BackboneFactory.Scale(64, options), [2, 2, 2, 2], [first, others, others, others], options.InputChannels);
}
