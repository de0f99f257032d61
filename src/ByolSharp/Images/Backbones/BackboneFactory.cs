using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>Builds the image backbones by name.</summary>
public static class BackboneFactory
{
    private static readonly (string Name, Func<BackboneOptions, NormLayers, Backbone> Build)[] Known =
    [
        ("resnet18", (options, layers) => new ResNet([2, 2, 2, 2], bottleneck: false, options, layers)),
        ("resnet34", (options, layers) => new ResNet([3, 4, 6, 3], bottleneck: false, options, layers)),
        ("resnet50", (options, layers) => new ResNet([3, 4, 6, 3], bottleneck: true, options, layers)),
        ("resnet101", (options, layers) => new ResNet([3, 4, 23, 3], bottleneck: true, options, layers)),
        ("resnet152", (options, layers) => new ResNet([3, 8, 36, 3], bottleneck: true, options, layers)),
        ("resnet200", (options, layers) => new ResNet([3, 24, 36, 3], bottleneck: true, options, layers)),
        ("resnet8", (options, layers) => new CifarResNet(1, options, layers)),
        ("resnet8-strided", (options, layers) => new CifarResNet(1, Strided(options), layers)),
        ("resnet20", (options, layers) => new CifarResNet(3, options, layers)),
        ("resnet32", (options, layers) => new CifarResNet(5, options, layers)),
        ("resnet44", (options, layers) => new CifarResNet(7, options, layers)),
        ("resnet56", (options, layers) => new CifarResNet(9, options, layers)),
        ("resnet110", (options, layers) => new CifarResNet(18, options, layers)),
        ("vit-tiny", (options, _) => new VisionTransformer(width: 192, depth: 12, heads: 3, options)),
        ("vit-small", (options, _) => new VisionTransformer(width: 384, depth: 12, heads: 6, options)),
        ("vit-base", (options, _) => new VisionTransformer(width: 768, depth: 12, heads: 12, options)),
    ];

    /// <summary>The names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(k => k.Name)];

    /// <summary>Builds a backbone and draws its initial weights.</summary>
    /// <param name="options">What to build.</param>
    /// <param name="seed">Equal seeds give equal weights.</param>
    /// <param name="batchNorm">Makes a batch normalisation of so many channels, for one that is synchronised over replicas; null: TorchSharp's.</param>
    /// <exception cref="ConfigurationException">The name is unknown or an option is out of its range.</exception>
    public static Backbone Create(BackboneOptions options, long seed = 0, Func<long, nn.Module<Tensor, Tensor>>? batchNorm = null)
    {
        Backbone backbone = Build(options, batchNorm);
        bool officialTransformer = backbone is VisionTransformer && options.Initialization == InitializationScheme.Official;
        Initialization.Apply(backbone, officialTransformer ? InitializationScheme.Xavier : options.Initialization, seed);
        if (options.ZeroGamma && backbone is ResNet { IsBottleneck: true } resNet)
        {
            resNet.ZeroLastScales();
        }
        return backbone;
    }

    /// <summary>Builds a backbone with arbitrary weights, for one whose weights are about to be replaced; quicker than <see cref="Create"/>.</summary>
    /// <inheritdoc cref="Create" path="/param|/exception"/>
    public static Backbone Build(BackboneOptions options, Func<long, nn.Module<Tensor, Tensor>>? batchNorm = null)
    {
        Require(options.InputChannels >= 1, $"inputChannels must be at least 1, not {options.InputChannels}");
        Require(options.ImageSize >= 8, $"imageSize must be at least 8 pixels, not {options.ImageSize}");
        Require(options.WidthMultiplier is > 0 and <= 16, $"widthMultiplier must be above 0 and at most 16, not {options.WidthMultiplier}");
        Func<BackboneOptions, NormLayers, Backbone>? build = Known.FirstOrDefault(k => k.Name == options.Name).Build;
        Require(build is not null, $"unknown backbone '{options.Name}'; {Hint(options.Name)}known: {string.Join(", ", Names)}");
        Backbone backbone = build!(options, new NormLayers(options.Norm, batchNorm));
        ChannelsLast.Arrange(backbone);
        return backbone;
    }

    /// <summary>Channels of a layer after the width multiplier: a whole even number, for group normalisation wants pairs.</summary>
    internal static long Scale(long width, BackboneOptions options) => Math.Max(2, 2 * (long)Math.Round(width * options.WidthMultiplier / 2));

    /// <summary>True for networks that take views of the size alone that they were made for.</summary>
    internal static bool HasFixedSize(string name) => name.StartsWith("vit-", StringComparison.Ordinal);

    /// <summary>Twice the width on a quarter of the pixels: the same work, done faster.</summary>
    private static BackboneOptions Strided(BackboneOptions options) =>
        options with { Stem = StemKind.Strided, WidthMultiplier = 2 * options.WidthMultiplier };

    private static string Hint(string name) => Suggestions.Closest(name, Names) is { } close ? $"did you mean '{close}'? " : "";

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new ConfigurationException(otherwise);
        }
    }
}
