using ByolSharp.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Video.Backbones;

/// <summary>A bottleneck over clips: time x 1 x 1, 1 x 3 x 3 with the stride, 1 x 1 x 1; keys as in PySlowFast (branch2.a, branch2.a_bn, ..., branch1).</summary>
internal sealed class SlowBlock : NamedParts
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

    private sealed class Branch : NamedParts
    {
        private readonly (nn.Module<Tensor, Tensor> Convolution, BatchNorm Norm)[] _layers;

        public Branch(long inputs, long width, long outputs, long time, long stride) : base(nameof(Branch))
        {
            _layers =
            [
                (VideoConvolutions.Box(inputs, width, time, 1), new(width)),
                (VideoConvolutions.Box(width, width, 1, 3, 1, stride), new(width)),
                (VideoConvolutions.Box(width, outputs, 1, 1), new(outputs)),
            ];
            foreach (var (name, layer) in new[] { "a", "b", "c" }.Zip(_layers))
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
    }
}
