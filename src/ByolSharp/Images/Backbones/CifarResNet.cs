using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// The small residual network for 32-pixel images (He et al. 2016, section 4.2): three groups of n blocks with 16, 32 and 64 channels, 6n + 2
/// layers in all; ResNet-20 has 0.27 million parameters. Key names as in the common PyTorch code, without its classifier.
/// </summary>
public sealed class CifarResNet : Backbone
{
    private const long BaseWidth = 16;
    private const int Groups = 3;
    private readonly bool _pools;
    private readonly nn.Module<Tensor, Tensor> _conv1;
    private readonly nn.Module<Tensor, Tensor> _bn1;
    private readonly List<ResidualBlock> _blocks = [];

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="blocksPerGroup">n: 3 for ResNet-20.</param>
    /// <param name="options">Channels, width, stem and shortcuts.</param>
    /// <param name="layers">Makes the convolutions and normalisations.</param>
    public CifarResNet(int blocksPerGroup, BackboneOptions options, NormLayers layers) : base(options.Name)
    {
        long width = BackboneFactory.Scale(BaseWidth, options), inputs = width;
        var stem = StemShape.Of(options.Stem, StemKind.Small);
        _pools = stem.Pools;
        _conv1 = layers.Convolution(options.InputChannels, width, stem.Kernel, stem.Stride);
        _bn1 = layers.Norm(width);
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);
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
            _blocks.AddRange(members);
            register_module($"layer{group + 1}", nn.ModuleList(members));
        }
        RepresentationSize = (int)inputs;
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    /// <inheritdoc />
    public override Tensor forward(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor y = _bn1.call(_conv1.call(views)).relu_();
        if (_pools)
        {
            y = nn.functional.max_pool2d(y, kernel_size: 3, stride: 2, padding: 1);
        }
        foreach (ResidualBlock block in _blocks)
        {
            y = block.call(y);
        }
        return y.mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected override void RegisterComponents() { }

    /// <summary>Shortcut option A: every <paramref name="stride"/>-th pixel, zero channels on both sides.</summary>
    private sealed class ZeroPadShortcut(long newChannels, long stride) : nn.Module<Tensor, Tensor>(nameof(ZeroPadShortcut))
    {
        public override Tensor forward(Tensor input)
        {
            Tensor pixels = input.slice(2, 0, input.size(2), stride).slice(3, 0, input.size(3), stride);
            long before = newChannels / 2;
            return nn.functional.pad(pixels, [0, 0, 0, 0, before, newChannels - before]);
        }
    }
}
