using ByolSharp.Export.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>
/// A convolution without bias over images [N, C, H, W] or clips [N, C, T, H, W], with zeros around them. Its only parameter is <c>weight</c>,
/// as in PyTorch's Conv2d and Conv3d.
/// </summary>
internal sealed class Convolution : nn.Module<Tensor, Tensor>, IOnnxModule
{
    private readonly long[] _stride;
    private readonly long[] _padding;

    /// <summary>A convolution with weights that nobody has drawn yet.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Extents of a filter; padding is half of each, so that stride 1 keeps the size where they are odd.</param>
    /// <param name="stride">Steps along the same dimensions.</param>
    internal Convolution(long inputs, long outputs, long[] kernel, long[] stride) : base(nameof(Convolution))
    {
        (_stride, _padding) = (stride, Array.ConvertAll(kernel, extent => extent / 2));
        register_parameter("weight", (Parameter)new Parameter(empty([outputs, inputs, .. kernel])).DetachFromDisposeScope());
        Initialization.Apply(this, InitializationScheme.Torch, seed: 0);
    }

    /// <summary>Steps in each dimension.</summary>
    internal IReadOnlyList<long> Stride => _stride;

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using IDisposable scope = NewDisposeScope();
        return Of(input, get_parameter("weight")!, _stride, _padding).MoveToOuterDisposeScope(); // looked up, for it may have been replaced since
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input) => OnnxLayers.Convolution(graph, input, get_parameter("weight")!, bias: null, _stride, _padding);

    /// <summary>
    /// Convolves channels-last maps. On the CPU filters of one pixel are a matrix product: for them libtorch 2.10 takes kernels that compute wrong
    /// values, or divide by zero, on processors that hide the sizes of their caches, as virtual ones may (docs/faq.md).
    /// </summary>
    /// <param name="input">[N, C, ...].</param>
    /// <param name="weight">[outputs, C, ...].</param>
    /// <param name="stride">Steps in each dimension.</param>
    /// <param name="padding">Zeros on both sides of each dimension.</param>
    internal static Tensor Of(Tensor input, Tensor weight, long[] stride, long[] padding)
    {
        Tensor maps = ChannelsLast.Ensure(input);
        if (maps.device.type == DeviceType.CPU && weight.numel() == weight.size(0) * weight.size(1))
        {
            return Pointwise(maps, weight, stride);
        }
        return maps.dim() == 4
            ? nn.functional.conv2d(maps, weight, strides: stride, padding: padding)
            : nn.functional.conv3d(maps, weight, strides: stride, padding: padding);
    }

    private static Tensor Pointwise(Tensor maps, Tensor weight, long[] stride)
    {
        Tensor pixels = maps;
        for (int i = 0; i < stride.Length; i++)
        {
            pixels = stride[i] == 1 ? pixels : pixels.slice(2 + i, 0, pixels.size(2 + i), stride[i]);
        }
        return nn.functional.linear(pixels.movedim([1], [-1]), weight.view(weight.size(0), -1)).movedim([-1], [1]);
    }
}
