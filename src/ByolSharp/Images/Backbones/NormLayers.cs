using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>Makes convolutions and the normalisations that follow them; what fits together is decided here and nowhere else.</summary>
/// <param name="kind">Batch normalisation, or group normalisation with weight standardisation.</param>
/// <param name="batchNorm">Makes a batch normalisation of so many channels; null: <see cref="BatchNorm"/>, not synchronised over replicas.</param>
public sealed class NormLayers(NormKind kind, Func<long, nn.Module<Tensor, Tensor>>? batchNorm = null)
{
    private const double Epsilon = 1e-5;
    private const long MaxGroups = 32;

    /// <summary>A square convolution without bias, padded so that stride 1 keeps the size.</summary>
    /// <remarks>
    /// Padding is symmetric as in torchvision. Haiku's "SAME", which the authors trained with, pads one pixel less before and one more after
    /// where the stride is 2 and the size even: the same network, looking half a stride aside.
    /// </remarks>
    public nn.Module<Tensor, Tensor> Convolution(long inputs, long outputs, long kernel, long stride = 1) => kind switch
    {
        NormKind.Group => new StandardizedConv2d(inputs, outputs, kernel, stride, kernel / 2),
        _ => nn.Conv2d(inputs, outputs, kernel, stride, kernel / 2, bias: false),
    };

    /// <summary>The normalisation of a convolution's output.</summary>
    public nn.Module<Tensor, Tensor> Norm(long channels) => kind switch
    {
        NormKind.Group => nn.GroupNorm(GroupsFor(channels), channels, Epsilon),
        _ => batchNorm?.Invoke(channels) ?? new BatchNorm(channels),
    };

    /// <summary>
    /// Number of groups: the largest divisor of the channels up to 32 (Wu and He 2018) that leaves at least two channels a group,
    /// for one alone would lose its mean over the image.
    /// </summary>
    public static long GroupsFor(long channels)
    {
        long groups = Math.Max(1, Math.Min(MaxGroups, channels / 2));
        while (channels % groups != 0)
        {
            groups--;
        }
        return groups;
    }
}
