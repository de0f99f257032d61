using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>The first convolution of a network over clips; in space its stride is 2.</summary>
/// <param name="Side">Width and height in pixels.</param>
/// <param name="Frames">Frames that it spans.</param>
/// <param name="FrameStride">Frames from one place to the next.</param>
internal sealed record VideoStem(long Side = 7, long Frames = 3, long FrameStride = 1);

/// <summary>
/// The residual networks of 18 layers over clips of Tran et al. 2018 (arXiv 1711.11248): R3D, MC3 and R(2+1)D, with torchvision's layers and key
/// names, without the classifier.
/// </summary>
public sealed class VideoResNet : ResidualVideoNetwork
{

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="width">Channels of the first group; the paper's have 64.</param>
    /// <param name="blocks">Blocks in each of the groups; the paper's are 2, 2, 2, 2.</param>
    /// <param name="kinds">The convolutions of each group.</param>
    /// <param name="inputs">Channels of a clip.</param>
    /// <param name="stem">The first convolution; null: the paper's.</param>
    internal VideoResNet(string name, long width, IReadOnlyList<int> blocks, IReadOnlyList<ConvolutionKind> kinds, long inputs = 3, VideoStem? stem = null) : base(name)
    {
        Stem = StemOf(inputs, width, kinds[0] == ConvolutionKind.Factored, stem ?? new());
        register_module("stem", Stem);
        long channels = width;
        for (int group = 0; group < blocks.Count; group++, width *= 2)
        {
            var members = new VideoBlock[blocks[group]];
            for (int i = 0; i < members.Length; i++, channels = width)
            {
                members[i] = new(kinds[group], channels, width, group > 0 && i == 0 ? 2 : 1);
            }
            Blocks.AddRange(members);
            register_module($"layer{group + 1}", nn.ModuleList(members));
        }
        RepresentationSize = (int)channels;
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    private static nn.Module<Tensor, Tensor> StemOf(long inputs, long width, bool isFactored, VideoStem stem)
    {
        if (!isFactored)
        {
            return nn.Sequential(("0", VideoConvolutions.Box(inputs, width, stem.Frames, stem.Side, stem.FrameStride, 2)), ("1", new BatchNorm(width)), ("2", nn.ReLU(inplace: true)));
        }
        long middle = width * 45 / 64; // 45 channels in torchvision
        return nn.Sequential(
            ("0", VideoConvolutions.Box(inputs, middle, 1, stem.Side, 1, 2)), ("1", new BatchNorm(middle)), ("2", nn.ReLU(inplace: true)),
            ("3", VideoConvolutions.Box(middle, width, stem.Frames, 1, stem.FrameStride)), ("4", new BatchNorm(width)), ("5", nn.ReLU(inplace: true)));
    }
}
