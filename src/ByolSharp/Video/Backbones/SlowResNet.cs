using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>
/// The slow pathway alone of SlowFast (Feichtenhofer et al. 2019, arXiv 1812.03982), a ResNet-50 that never reduces time and looks along it in its
/// last two groups only: the backbone of the video paper. Keys as in PySlowFast, without its head.
/// </summary>
public sealed class SlowResNet : ResidualVideoNetwork
{
    private const long BaseWidth = 64;
    private static readonly int[] _blocksOfGroups = [3, 4, 6, 3];
    private static readonly long[] _timesOfGroups = [1, 1, 3, 3];

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="width">Channels of the stem; the paper's has 64.</param>
    /// <param name="inputs">Channels of a clip.</param>
    internal SlowResNet(string name, long width = BaseWidth, long inputs = 3) : base(name)
    {
        long channels = width;
        Stem = new PathwayStem(inputs, width);
        register_module("s1", Part("pathway0_stem", Stem));
        for (int group = 0; group < _blocksOfGroups.Length; group++, width *= 2)
        {
            var stage = new Parts();
            for (int i = 0; i < _blocksOfGroups[group]; i++, channels = 4 * width)
            {
                var block = new SlowBlock(channels, width, _timesOfGroups[group], group > 0 && i == 0 ? 2 : 1);
                stage.register_module($"pathway0_res{i}", block);
                Blocks.Add(block);
            }
            register_module($"s{group + 2}", stage);
        }
        RepresentationSize = (int)channels;
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    /// <summary>Sets the scale of each block's last normalisation to 0, so that blocks start as their shortcuts (Goyal et al. 2017, section 5.1).</summary>
    public void ZeroLastScales()
    {
        using IDisposable noGradients = no_grad();
        foreach (SlowBlock block in Blocks.OfType<SlowBlock>())
        {
            block.LastNorm.get_parameter("weight")!.zero_();
        }
    }

    private static Parts Part(string name, nn.Module part)
    {
        var parts = new Parts();
        parts.register_module(name, part);
        return parts;
    }

    /// <summary>A name above other names; it computes nothing.</summary>
    private sealed class Parts() : NamedParts(nameof(Parts))
    {
        public override Tensor forward(Tensor input) => throw new NotSupportedException("its parts are called one by one");
    }

    private sealed class PathwayStem : NamedParts, IOnnxModule
    {
        private readonly nn.Module<Tensor, Tensor> _conv, _bn;

        public PathwayStem(long inputs, long width) : base(nameof(PathwayStem))
        {
            (_conv, _bn) = (VideoConvolutions.Box(inputs, width, 1, 7, 1, 2), new BatchNorm(width));
            register_module("conv", _conv);
            register_module("bn", _bn);
        }

        public override Tensor forward(Tensor input) =>
            nn.functional.max_pool3d(_bn.call(_conv.call(input)).relu_(), [1, 3, 3], [1, 2, 2], [0, 1, 1]);

        public string EmitOnnx(OnnxGraph graph, string input)
        {
            string y = graph.Node("Relu", [graph.Emit("bn", _bn, graph.Emit("conv", _conv, input))]);
            return graph.Node("MaxPool", [y], ("kernel_shape", (long[])[1, 3, 3]), ("strides", (long[])[1, 2, 2]), ("pads", (long[])[0, 1, 1, 0, 1, 1]));
        }
    }
}
