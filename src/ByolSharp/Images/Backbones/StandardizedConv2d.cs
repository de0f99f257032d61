using ByolSharp.Export.Onnx;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// A convolution whose filters are standardised to mean 0 and variance 1 before use (Qiao et al. 2019, "Micro-batch training with
/// batch-channel normalization and weight standardization"). Its only parameter is <c>weight</c>, as in a plain convolution without bias.
/// </summary>
public sealed class StandardizedConv2d : nn.Module<Tensor, Tensor>, IOnnxModule
{
    private static readonly Scalar Epsilon = 1e-10; // far below the variance 1/(fan in) of an initial filter, so that the result has variance 1
    private static readonly long[] FilterDimensions = [1, 2, 3];
    private readonly long[] _stride;
    private readonly long[] _padding;

    /// <summary>A square convolution.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">Side of a filter.</param>
    /// <param name="stride">Step in pixels.</param>
    /// <param name="padding">Zeros around the image.</param>
    public StandardizedConv2d(long inputs, long outputs, long kernel, long stride = 1, long padding = 0) : base(nameof(StandardizedConv2d))
    {
        (_stride, _padding) = ([stride, stride], [padding, padding]);
        register_parameter("weight", (Parameter)new Parameter(empty(outputs, inputs, kernel, kernel)).DetachFromDisposeScope());
        Initialization.Apply(this, InitializationScheme.Torch, seed: 0);
    }

    /// <summary>The filters as they are used, [outputs, inputs, kernel, kernel].</summary>
    public Tensor StandardizedWeight()
    {
        Tensor weight = get_parameter("weight")!; // looked up, for it may have been replaced since
        (Tensor variance, Tensor mean) = var_mean(weight, FilterDimensions, unbiased: false, keepdim: true);
        return (weight - mean) * variance.add(Epsilon, Scalars.One).rsqrt();
    }

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        using IDisposable scope = NewDisposeScope();
        return nn.functional.conv2d(input, StandardizedWeight(), strides: _stride, padding: _padding).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input)
    {
        using IDisposable scope = NewDisposeScope();
        return OnnxLayers.Convolution(graph, input, StandardizedWeight(), bias: null, _stride, _padding);
    }
}
