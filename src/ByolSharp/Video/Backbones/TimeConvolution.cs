using ByolSharp.Export.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>
/// A convolution along time alone, of time x 1 x 1 over [N, channels, time, height, width], without bias, padded so that stride 1 keeps the length; its weight is
/// that of a Conv3d.
/// </summary>
/// <remarks>
/// Computed over [N, channels, time, places], which is the same: the three-dimensional kernels of libtorch 2.10 for CPUs give wrong values where N is above 1 and
/// the channels are no multiple of 16, as between the space and the time of R(2+1)D.
/// </remarks>
internal sealed class TimeConvolution : nn.Module<Tensor, Tensor>, IOnnxModule
{
    private readonly long _time, _stride;

    /// <summary>Weights are 0 until they are drawn or loaded.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="time">Length of a filter, odd.</param>
    /// <param name="stride">Step in time.</param>
    public TimeConvolution(long inputs, long outputs, long time, long stride) : base(nameof(TimeConvolution))
    {
        (_time, _stride) = (time, stride);
        register_parameter("weight", (Parameter)new Parameter(zeros(outputs, inputs, time, 1, 1)).DetachFromDisposeScope());
    }

    private Parameter Weight => get_parameter("weight")!; // looked up, for it may have been replaced since

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor y = nn.functional.conv2d(input.flatten(3), Weight.squeeze(-1), strides: [_stride, 1], padding: [_time / 2, 0]);
        return y.unflatten(3, input.shape[3..]).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input) =>
        OnnxLayers.Convolution(graph, input, Weight, bias: null, [_stride, 1, 1], [_time / 2, 0, 0]);
}
