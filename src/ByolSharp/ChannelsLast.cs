using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>The memory order that the convolution kernels prefer; TorchSharp has no memory-format argument, strides do the same.</summary>
internal static class ChannelsLast
{
    /// <summary>
    /// Images [N, C, H, W] with their channels innermost in memory; other tensors in their order. Always a copy in libtorch's own, aligned memory:
    /// the math kernels round differently on memory that is not, and then no two runs would be alike.
    /// </summary>
    internal static Tensor Convert(Tensor views) => views.dim() != 4 || views.shape[1] == 1
        ? views.clone()
        : views.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    /// <summary>Strides of a dense tensor of this shape; four-dimensional ones are channels-last.</summary>
    internal static long[] Strides(long[] shape)
    {
        if (shape is [_, var channels, var height, var width])
        {
            return [channels * height * width, 1, width * channels, channels];
        }
        var strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }
}
