using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Images.Backbones;

/// <summary>What the tests of the networks share.</summary>
internal static class Networks
{
    public static Backbone Create(string name, int imageSize = 32) => BackboneFactory.Create(new() { Name = name, ImageSize = imageSize });

    public static long Parameters(nn.Module network) => network.parameters().Sum(p => p.numel());

    /// <summary>Reproducible pixels, [count, channels, size, size], standard normal.</summary>
    public static Tensor Views(int count, int size, int channels = 3)
    {
        var random = new SampleRandom(5, size);
        return tensor([.. Enumerable.Range(0, count * channels * size * size).Select(_ => (float)random.NextNormal())], [count, channels, size, size]);
    }

    /// <summary>The same values with the channels innermost in memory.</summary>
    public static Tensor ChannelsLast(Tensor x) => x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Moves all parameters into one buffer, four-dimensional ones with the channels innermost.</summary>
    public static Tensor Flatten(nn.Module network)
    {
        using IDisposable noGradients = no_grad();
        Tensor flat = zeros(Parameters(network));
        long offset = 0;
        foreach (var parameter in network.parameters())
        {
            using Tensor laid = parameter.dim() == 4 ? ChannelsLast(parameter.detach()) : parameter.detach().clone();
            long[] strides = laid.dim() == 4 ? [laid.shape[1] * laid.shape[2] * laid.shape[3], 1, laid.shape[1] * laid.shape[3], laid.shape[1]] : laid.stride();
            using Tensor view = flat.as_strided(laid.shape, strides, offset);
            view.copy_(laid);
            parameter.set_(view);
            offset += laid.numel();
        }
        return flat;
    }

    /// <summary>
    /// Brings a network into evaluation mode with statistics, scales and offsets that are not the initial ones, so that a forgotten one shows.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="views">What its statistics are of.</param>
    public static void Settle(Backbone network, Tensor views)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        var random = new SampleRandom(7);
        foreach (var (_, parameter) in network.named_parameters().Where(p => p.parameter.dim() == 1))
        {
            var offsets = new float[parameter.numel()];
            for (int i = 0; i < offsets.Length; i++)
            {
                offsets[i] = 0.1f * (float)random.NextNormal();
            }
            parameter.add_(tensor(offsets).to_type(parameter.dtype), Scalars.One);
        }
        foreach (BatchNorm norm in network.modules().OfType<BatchNorm>())
        {
            norm.Momentum = 1;
        }
        network.call(views);
        network.eval();
    }

    public static float LargestDifference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();

    public static byte[] Bits(Tensor tensor) => tensor.detach().contiguous().bytes.ToArray();
}
