using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>What stands for the 3x3x3 convolutions of a video network (Tran et al. 2018, arXiv 1711.11248, section 3).</summary>
internal enum ConvolutionKind
{
    /// <summary>One convolution over time and space.</summary>
    Full,

    /// <summary>3x3 in space alone; time is not reduced either.</summary>
    Spatial,

    /// <summary>3x3 in space, then, normalised and rectified between, 3 in time.</summary>
    Factored,
}

/// <summary>Makes convolutions over [N, channels, time, height, width] without bias, padded so that stride 1 keeps the size.</summary>
internal static class VideoConvolutions
{
    /// <summary>A convolution of time x side x side.</summary>
    internal static nn.Module<Tensor, Tensor> Box(long inputs, long outputs, long time, long side, long timeStride = 1, long sideStride = 1) =>
        nn.Conv3d(inputs, outputs, (time, side, side), (timeStride, sideStride, sideStride), (time / 2, side / 2, side / 2), bias: false);

    /// <summary>The 3x3x3 convolution of a block or what stands for it, under torchvision's names.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="middle">Channels between space and time, where it is factored.</param>
    /// <param name="stride">In space, and but for <see cref="ConvolutionKind.Spatial"/> in time.</param>
    internal static nn.Module<Tensor, Tensor> Three(ConvolutionKind kind, long inputs, long outputs, long middle, long stride) => kind switch
    {
        ConvolutionKind.Full => Box(inputs, outputs, 3, 3, stride, stride),
        ConvolutionKind.Spatial => Box(inputs, outputs, 1, 3, 1, stride),
        _ => nn.Sequential(
            ("0", Box(inputs, middle, 1, 3, 1, stride)), ("1", new BatchNorm(middle)), ("2", nn.ReLU(inplace: true)), ("3", Box(middle, outputs, 3, 1, stride))),
    };

    /// <summary>Channels between space and time that give a factored convolution as many parameters as a full one has (section 3.5).</summary>
    internal static long Middle(long inputs, long outputs) => inputs * outputs * 27 / (9 * inputs + 3 * outputs);
}
