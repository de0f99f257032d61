using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>A residual block of two 3x3x3 convolutions or what stands for them; keys as in torchvision (conv1.0, conv1.1, ..., downsample.0).</summary>
internal sealed class VideoBlock : NamedParts, IOnnxModule
{
    private readonly nn.Module<Tensor, Tensor> _conv1, _conv2;
    private readonly nn.Module<Tensor, Tensor>? _downsample;

    public VideoBlock(ConvolutionKind kind, long inputs, long outputs, long stride) : base(nameof(VideoBlock))
    {
        long middle = VideoConvolutions.Middle(inputs, outputs);
        _conv1 = nn.Sequential(
            ("0", VideoConvolutions.Three(kind, inputs, outputs, middle, stride)), ("1", new BatchNorm(outputs)), ("2", nn.ReLU(inplace: true)));
        _conv2 = nn.Sequential(("0", VideoConvolutions.Three(kind, outputs, outputs, middle, 1)), ("1", new BatchNorm(outputs)));
        register_module("conv1", _conv1);
        register_module("conv2", _conv2);
        if (stride != 1 || inputs != outputs)
        {
            long timeStride = kind == ConvolutionKind.Spatial ? 1 : stride;
            _downsample = nn.Sequential(("0", VideoConvolutions.Box(inputs, outputs, 1, 1, timeStride, stride)), ("1", new BatchNorm(outputs)));
            register_module("downsample", _downsample);
        }
    }

    public override Tensor forward(Tensor input)
    {
        Tensor y = _conv2.call(_conv1.call(input));
        return y.add_(_downsample?.call(input) ?? input, Scalars.One).relu_(); // in place: no layer before needs its output for the gradient
    }

    public string EmitOnnx(OnnxGraph graph, string input)
    {
        string y = graph.Emit("conv2", _conv2, graph.Emit("conv1", _conv1, input));
        string shortcut = _downsample is null ? input : graph.Emit("downsample", _downsample, input);
        return graph.Node("Relu", [graph.Node("Add", [y, shortcut])]);
    }
}
