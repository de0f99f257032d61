using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>A bottleneck over clips: time x 1 x 1, 1 x 3 x 3 with the stride, 1 x 1 x 1; keys as in PySlowFast (branch2.a, branch2.a_bn, ..., branch1).</summary>
internal sealed class SlowBlock : NamedParts, IOnnxModule
{
    private const long Expansion = 4;
    private readonly Branch _branch;
    private readonly nn.Module<Tensor, Tensor>? _shortcut, _shortcutNorm;

    public SlowBlock(long inputs, long width, long time, long stride) : base(nameof(SlowBlock))
    {
        long outputs = Expansion * width;
        if (stride != 1 || inputs != outputs)
        {
            (_shortcut, _shortcutNorm) = (VideoConvolutions.Box(inputs, outputs, 1, 1, 1, stride), new BatchNorm(outputs));
            register_module("branch1", _shortcut);
            register_module("branch1_bn", _shortcutNorm);
        }
        _branch = new(inputs, width, outputs, time, stride);
        register_module("branch2", _branch);
    }

    /// <summary>The normalisation before the addition.</summary>
    public BatchNorm LastNorm => _branch.LastNorm;

    public override Tensor forward(Tensor input)
    {
        Tensor shortcut = _shortcut is null ? input : _shortcutNorm!.call(_shortcut.call(input));
        return _branch.call(input).add_(shortcut, Scalars.One).relu_(); // in place: no layer before needs its output for the gradient
    }

    public string EmitOnnx(OnnxGraph graph, string input)
    {
        string shortcut = _shortcut is null ? input : graph.Emit("branch1_bn", _shortcutNorm!, graph.Emit("branch1", _shortcut, input));
        return graph.Node("Relu", [graph.Node("Add", [graph.Emit("branch2", _branch, input), shortcut])]);
    }

    private sealed class Branch : NamedParts, IOnnxModule
    {
        private static readonly string[] Names = ["a", "b", "c"];
        private readonly (nn.Module<Tensor, Tensor> Convolution, BatchNorm Norm)[] _layers;

        public Branch(long inputs, long width, long outputs, long time, long stride) : base(nameof(Branch))
        {
            _layers =
            [
                (VideoConvolutions.Box(inputs, width, time, 1), new(width)),
                (VideoConvolutions.Box(width, width, 1, 3, 1, stride), new(width)),
                (VideoConvolutions.Box(width, outputs, 1, 1), new(outputs)),
            ];
            foreach (var (name, layer) in Names.Zip(_layers))
            {
                register_module(name, layer.Convolution);
                register_module($"{name}_bn", layer.Norm);
            }
        }

        public BatchNorm LastNorm => _layers[^1].Norm;

        public override Tensor forward(Tensor input)
        {
            Tensor y = input;
            for (int i = 0; i < _layers.Length; i++)
            {
                y = _layers[i].Norm.call(_layers[i].Convolution.call(y));
                y = i < _layers.Length - 1 ? y.relu_() : y;
            }
            return y;
        }

        public string EmitOnnx(OnnxGraph graph, string input)
        {
            string y = input;
            for (int i = 0; i < _layers.Length; i++)
            {
                y = graph.Emit($"{Names[i]}_bn", _layers[i].Norm, graph.Emit(Names[i], _layers[i].Convolution, y));
                y = i < _layers.Length - 1 ? graph.Node("Relu", [y]) : y;
            }
            return y;
        }
    }
}
