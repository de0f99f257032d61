using ByolSharp.Export.Onnx;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// A residual block: relu(branch(x) + shortcut(x)). The parts carry torchvision's names (conv1, bn1, ...; downsample or shortcut).
/// </summary>
internal sealed class ResidualBlock : NamedParts, IOnnxModule
{
    private readonly (nn.Module<Tensor, Tensor> Convolution, nn.Module<Tensor, Tensor> Norm)[] _branch;
    private readonly nn.Module<Tensor, Tensor>? _shortcut;
    private readonly string _shortcutName;

    private ResidualBlock((nn.Module<Tensor, Tensor> Convolution, nn.Module<Tensor, Tensor> Norm)[] branch,
        string shortcutName, nn.Module<Tensor, Tensor>? shortcut) : base(nameof(ResidualBlock))
    {
        (_branch, _shortcut, _shortcutName) = (branch, shortcut, shortcutName);
        for (int i = 0; i < branch.Length; i++)
        {
            register_module($"conv{i + 1}", branch[i].Convolution);
            register_module($"bn{i + 1}", branch[i].Norm);
        }
        if (shortcut is not null)
        {
            register_module(shortcutName, shortcut);
        }
    }

    /// <summary>The normalisation before the addition.</summary>
    public nn.Module<Tensor, Tensor> LastNorm => _branch[^1].Norm;

    /// <summary>Two 3x3 convolutions (He et al. 2016, figure 5 left); <paramref name="shortcut"/> null: the identity.</summary>
    public static ResidualBlock Basic(NormLayers layers, long inputs, long width, long stride, string shortcutName, nn.Module<Tensor, Tensor>? shortcut) =>
        new([
            (layers.Convolution(inputs, width, 3, stride), layers.Norm(width)),
            (layers.Convolution(width, width, 3), layers.Norm(width)),
        ], shortcutName, shortcut);

    /// <summary>1x1, 3x3 and 1x1 to four times the width (figure 5 right); the stride is on the 3x3 ("v1.5", as in the authors' code).</summary>
    public static ResidualBlock Bottleneck(NormLayers layers, long inputs, long width, long stride, string shortcutName, nn.Module<Tensor, Tensor>? shortcut) =>
        new([
            (layers.Convolution(inputs, width, 1), layers.Norm(width)),
            (layers.Convolution(width, width, 3, stride), layers.Norm(width)),
            (layers.Convolution(width, 4 * width, 1), layers.Norm(4 * width)),
        ], shortcutName, shortcut);

    /// <summary>A 1x1 convolution with normalisation, as a shortcut between different shapes.</summary>
    public static nn.Module<Tensor, Tensor> Projection(NormLayers layers, long inputs, long outputs, long stride) =>
        nn.Sequential(("0", layers.Convolution(inputs, outputs, 1, stride)), ("1", layers.Norm(outputs)));

    /// <inheritdoc />
    public override Tensor forward(Tensor input)
    {
        Tensor y = input;
        for (int i = 0; i < _branch.Length; i++)
        {
            y = _branch[i].Norm.call(_branch[i].Convolution.call(y));
            if (i < _branch.Length - 1)
            {
                y = y.relu_();
            }
        }
        return y.add_(_shortcut?.call(input) ?? input, Scalars.One).relu_(); // in place: no layer before needs its output for the gradient
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input)
    {
        string y = input;
        for (int i = 0; i < _branch.Length; i++)
        {
            y = graph.Emit($"bn{i + 1}", _branch[i].Norm, graph.Emit($"conv{i + 1}", _branch[i].Convolution, y));
            if (i < _branch.Length - 1)
            {
                y = graph.Node("Relu", [y]);
            }
        }
        string shortcut = _shortcut is null ? input : graph.Emit(_shortcutName, _shortcut, input);
        return graph.Node("Relu", [graph.Node("Add", [y, shortcut])]);
    }
}
