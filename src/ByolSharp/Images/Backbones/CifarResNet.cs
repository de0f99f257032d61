using ByolSharp.Export.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// The small residual network for 32-pixel images (He et al. 2016, section 4.2): three groups of n blocks with 16, 32 and 64 channels, 6n + 2
/// layers in all; ResNet-20 has 0.27 million parameters. Key names as in the common PyTorch code, without its classifier.
/// </summary>
public sealed class CifarResNet : Backbone, IOnnxModule
{
    private const long BaseWidth = 16;
    private const int Groups = 3;
    private readonly ResidualTrunk _trunk;

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="blocksPerGroup">n: 3 for ResNet-20.</param>
    /// <param name="options">Channels, width, stem and shortcuts.</param>
    /// <param name="layers">Makes the convolutions and normalisations.</param>
    public CifarResNet(int blocksPerGroup, BackboneOptions options, NormLayers layers) : base(options.Name)
    {
        long width = BackboneFactory.Scale(BaseWidth, options), inputs = width;
        var stem = StemShape.Of(options.Stem, StemKind.Small);
        _trunk = new ResidualTrunk(layers.Convolution(options.InputChannels, width, stem.Kernel, stem.Stride), layers.Norm(width), stem.Pools);
        register_module("conv1", _trunk.Convolution);
        register_module("bn1", _trunk.Norm);
        for (int group = 0; group < Groups; group++, width *= 2)
        {
            var members = new ResidualBlock[blocksPerGroup];
            for (int i = 0; i < members.Length; i++, inputs = width)
            {
                long stride = group > 0 && i == 0 ? 2 : 1;
                members[i] = ResidualBlock.Basic(layers, inputs, width, stride, "shortcut", inputs == width ? null : options.Shortcut switch
                {
                    ShortcutKind.Projection => ResidualBlock.Projection(layers, inputs, width, stride),
                    _ => new ZeroPadShortcut(width - inputs, stride),
                });
            }
            _trunk.Groups.Add(members);
            register_module($"layer{group + 1}", nn.ModuleList(members));
        }
        RepresentationSize = (int)inputs;
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    /// <inheritdoc />
    internal override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => [.. _trunk.Groups.SelectMany(group => group)];

    /// <inheritdoc />
    public override Tensor forward(Tensor views) => _trunk.Forward(views);

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input) => _trunk.EmitOnnx(graph, input);

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected override void RegisterComponents() { }

    /// <summary>Shortcut option A: every <paramref name="stride"/>-th pixel, zero channels on both sides.</summary>
    private sealed class ZeroPadShortcut(long newChannels, long stride) : nn.Module<Tensor, Tensor>(nameof(ZeroPadShortcut)), IOnnxModule
    {
        private readonly long _before = newChannels / 2;

        public override Tensor forward(Tensor input)
        {
            Tensor pixels = input.slice(2, 0, input.size(2), stride).slice(3, 0, input.size(3), stride);
            return nn.functional.pad(pixels, [0, 0, 0, 0, _before, newChannels - _before]);
        }

        public string EmitOnnx(OnnxGraph graph, string input)
        {
            string[] region = [graph.Integers(0, 0), graph.Integers(long.MaxValue, long.MaxValue), graph.Integers(2, 3), graph.Integers(stride, stride)];
            string pixels = graph.Node("Slice", [input, .. region]);
            return graph.Node("Pad", [pixels, graph.Integers(0, _before, 0, 0, 0, newChannels - _before, 0, 0), graph.Number(0)]);
        }
    }
}
