using ByolSharp.Export.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// A deep residual network (He et al. 2016) with torchvision's layers and key names, without its classifier: ResNet-18 to ResNet-200.
/// </summary>
/// <remarks>
/// The authors' Haiku network differs in two points that torchvision cannot express: its padding is asymmetric at stride 2, and its first
/// group too has projection shortcuts where the shapes agree (ResNet-18 and 34).
/// </remarks>
public sealed class ResNet : Backbone, IOnnxModule
{
    private const long BaseWidth = 64;
    private readonly ResidualTrunk _trunk;

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="blocks">Blocks in each of the groups, for example 2, 2, 2, 2.</param>
    /// <param name="bottleneck">Whether blocks have three convolutions and four times the width at their end.</param>
    /// <param name="options">Channels, image size, width and stem.</param>
    /// <param name="layers">Makes the convolutions and normalisations.</param>
    public ResNet(IReadOnlyList<int> blocks, bool bottleneck, BackboneOptions options, NormLayers layers) : base(options.Name)
    {
        var stem = StemShape.Of(options.Stem, options.ImageSize < 64 ? StemKind.Small : StemKind.ImageNet);
        long width = BackboneFactory.Scale(BaseWidth, options), inputs = width;
        _trunk = new ResidualTrunk(layers.Convolution(options.InputChannels, width, stem.Kernel, stem.Stride), layers.Norm(width), stem.Pools);
        register_module("conv1", _trunk.Convolution);
        register_module("bn1", _trunk.Norm);
        for (int group = 0; group < blocks.Count; group++, width *= 2)
        {
            long outputs = bottleneck ? 4 * width : width;
            var members = new ResidualBlock[blocks[group]];
            for (int i = 0; i < members.Length; i++, inputs = outputs)
            {
                long stride = group > 0 && i == 0 ? 2 : 1;
                nn.Module<Tensor, Tensor>? downsample =
                    stride != 1 || inputs != outputs ? ResidualBlock.Projection(layers, inputs, outputs, stride) : null;
                members[i] = bottleneck
                    ? ResidualBlock.Bottleneck(layers, inputs, width, stride, "downsample", downsample)
                    : ResidualBlock.Basic(layers, inputs, width, stride, "downsample", downsample);
            }
            _trunk.Groups.Add(members);
            register_module($"layer{group + 1}", nn.ModuleList(members));
        }
        RepresentationSize = (int)inputs;
        IsBottleneck = bottleneck;
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    /// <summary>Whether its blocks are bottlenecks.</summary>
    public bool IsBottleneck { get; }

    /// <summary>Sets the scale of each block's last normalisation to 0, so that blocks start as their shortcuts (Goyal et al. 2017, section 5.1).</summary>
    public void ZeroLastScales()
    {
        using IDisposable noGradients = no_grad();
        foreach (ResidualBlock block in _trunk.Groups.SelectMany(group => group))
        {
            block.LastNorm.get_parameter("weight")!.zero_();
        }
    }

    /// <inheritdoc />
    internal override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => [.. _trunk.Groups.SelectMany(group => group)];

    /// <inheritdoc />
    public override Tensor forward(Tensor views) => _trunk.Forward(views);

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input) => _trunk.EmitOnnx(graph, input);

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected override void RegisterComponents() { }
}
