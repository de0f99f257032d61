using ByolSharp.Export.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>A transformer block that normalises first: x + attention(norm1(x)), then x + mlp(norm2(x)). Names as in timm.</summary>
internal sealed class TransformerBlock : NamedParts, IOnnxModule
{
    /// <summary>Of all layer normalisations.</summary>
    public const double Epsilon = 1e-6;

    private readonly LayerNorm _norm1;
    private readonly LayerNorm _norm2;
    private readonly Attention _attention;
    private readonly Mlp _mlp;

    public TransformerBlock(int width, int heads) : base(nameof(TransformerBlock))
    {
        (_norm1, _norm2) = (nn.LayerNorm(width, Epsilon), nn.LayerNorm(width, Epsilon));
        (_attention, _mlp) = (new Attention(width, heads), new Mlp(width));
        register_module("norm1", _norm1);
        register_module("attn", _attention);
        register_module("norm2", _norm2);
        register_module("mlp", _mlp);
    }

    public override Tensor forward(Tensor tokens)
    {
        tokens = tokens.add(_attention.call(_norm1.call(tokens)), Scalars.One);
        return tokens.add(_mlp.call(_norm2.call(tokens)), Scalars.One);
    }

    public string EmitOnnx(OnnxGraph graph, string input)
    {
        string tokens = graph.Node("Add", [input, graph.Emit("attn", _attention, graph.Emit("norm1", _norm1, input))]);
        return graph.Node("Add", [tokens, graph.Emit("mlp", _mlp, graph.Emit("norm2", _norm2, tokens))]);
    }

    /// <summary>Multi-head self-attention over [N, tokens, width].</summary>
    private sealed class Attention : NamedParts, IOnnxModule
    {
        private readonly int _heads;
        private readonly Linear _qkv;
        private readonly Linear _projection;

        public Attention(int width, int heads) : base(nameof(Attention))
        {
            (_heads, _qkv, _projection) = (heads, nn.Linear(width, 3 * width), nn.Linear(width, width));
            register_module("qkv", _qkv);
            register_module("proj", _projection);
        }

        public override Tensor forward(Tensor tokens)
        {
            (long samples, long length, long width) = (tokens.size(0), tokens.size(1), tokens.size(2));
            Tensor qkv = _qkv.call(tokens).view(samples, length, 3, _heads, width / _heads).permute(2, 0, 3, 1, 4);
            Tensor mixed = nn.functional.scaled_dot_product_attention(qkv.select(0, 0), qkv.select(0, 1), qkv.select(0, 2));
            return _projection.call(mixed.transpose(1, 2).reshape(samples, length, width));
        }

        public string EmitOnnx(OnnxGraph graph, string input)
        {
            long width = _projection.in_features, headWidth = width / _heads;
            string split = graph.Node("Reshape", [graph.Emit("qkv", _qkv, input), graph.Integers(0, 0, 3, _heads, headWidth)]);
            string qkv = graph.Node("Transpose", [split], ("perm", (long[])[2, 0, 3, 1, 4]));
            string[] parts = [.. Enumerable.Range(0, 3).Select(i => graph.Node("Gather", [qkv, graph.Integer(i)], ("axis", 0L)))];
            return graph.Emit("proj", _projection, OnnxLayers.Attention(graph, parts[0], parts[1], parts[2], headWidth, width));
        }
    }

    /// <summary>Two layers with GELU between; four times the width inside.</summary>
    private sealed class Mlp : NamedParts, IOnnxModule
    {
        private readonly Linear _fc1;
        private readonly Linear _fc2;

        public Mlp(int width) : base(nameof(Mlp))
        {
            (_fc1, _fc2) = (nn.Linear(width, 4 * width), nn.Linear(4 * width, width));
            register_module("fc1", _fc1);
            register_module("fc2", _fc2);
        }

        public override Tensor forward(Tensor tokens) => _fc2.call(nn.functional.gelu(_fc1.call(tokens)));

        public string EmitOnnx(OnnxGraph graph, string input) =>
            graph.Emit("fc2", _fc2, OnnxLayers.Gelu(graph, graph.Emit("fc1", _fc1, input)));
    }
}
