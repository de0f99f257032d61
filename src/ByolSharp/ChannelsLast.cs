using static TorchSharp.torch;

namespace ByolSharp;

/// <summary>The memory order that the convolution kernels prefer; TorchSharp has no memory-format argument, strides do the same.</summary>
internal static class ChannelsLast
{
    /// <summary>
    /// Images [N, C, H, W] and clips [N, C, T, H, W] with their channels innermost in memory; other tensors in their order. Always a copy in libtorch's own, aligned memory:
    /// the math kernels round differently on memory that is not, and then no two runs would be alike.
    /// </summary>
    internal static Tensor Convert(Tensor views) => (views.dim(), views.shape[1]) switch
    {
        (4 or 5, > 1) => Reordered(views),
        _ => views.clone(),
    };

    /// <summary>The same images or clips in this order; a copy only where they are in another.</summary>
    internal static Tensor Ensure(Tensor views) => views.stride(1) == 1 ? views : Reordered(views);

    /// <summary>
    /// Gives the filters of all convolutions this order, and with them what the convolutions make: maps of one pixel alone do not show in which order they are.
    /// </summary>
    internal static void Arrange(nn.Module network)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        foreach (var parameter in network.parameters().Where(p => p.dim() is 4 or 5))
        {
            using var filters = empty_strided(parameter.shape, Strides(parameter.shape));
            parameter.set_(filters.copy_(parameter));
        }
    }

    private static Tensor Reordered(Tensor views) => views.dim() == 4
        ? views.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
        : views.permute(0, 2, 3, 4, 1).contiguous().permute(0, 4, 1, 2, 3);

    /// <summary>Strides of a dense tensor of this shape; those of images and clips, and of what convolves them, are channels-last.</summary>
    internal static long[] Strides(long[] shape)
    {
        if (shape is [_, var channels, .. var extents] && extents.Length is 2 or 3)
        {
            long[] inner = Strides(extents);
            return [channels * extents.Aggregate(1L, (a, b) => a * b), 1, .. inner.Select(s => s * channels)];
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
