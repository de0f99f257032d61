using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Text.Backbones;

/// <summary>A transformer layer that normalises after it has added (Vaswani et al. 2017), with the names of Hugging Face's BERT.</summary>
internal sealed class BertLayer : NamedParts
{
    private readonly int _heads;
    private readonly Linear _query, _key, _value, _mixed, _inner, _outer;
    private readonly LayerNorm _norm1, _norm2;

    internal BertLayer(BertShape shape) : base(nameof(BertLayer))
    {
        int width = shape.Width;
        _heads = shape.Heads;
        (_query, _key, _value, _mixed) = (nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width));
        (_inner, _outer) = (nn.Linear(width, 4 * width), nn.Linear(4 * width, width));
        (_norm1, _norm2) = (nn.LayerNorm(width, shape.Epsilon), nn.LayerNorm(width, shape.Epsilon));
        register_module("attention", new Named(
            ("self", new Named(("query", _query), ("key", _key), ("value", _value))),
            ("output", new Named(("dense", _mixed), ("LayerNorm", _norm1)))));
        register_module("intermediate", new Named(("dense", _inner)));
        register_module("output", new Named(("dense", _outer), ("LayerNorm", _norm2)));
    }

    /// <summary>Not used: a layer needs to know where its texts end.</summary>
    public override Tensor forward(Tensor tokens) => throw new NotSupportedException();

    /// <summary>One layer on.</summary>
    /// <param name="tokens">[N, tokens, width].</param>
    /// <param name="isToken">[N, 1, 1, tokens], false behind the end of a text; null where all texts have the same length.</param>
    /// <param name="isCausal">True: no token sees a later one; <paramref name="isToken"/> must then be null.</param>
    /// <param name="drop">What is dropped.</param>
    /// <returns>The tokens, and what the last part of the layer gave before it was added to them.</returns>
    internal (Tensor Tokens, Tensor Added) Forward(Tensor tokens, Tensor? isToken, bool isCausal, DropValues drop)
    {
        var mixed = nn.functional.scaled_dot_product_attention(Heads(_query, tokens), Heads(_key, tokens), Heads(_value, tokens), isToken, is_casual: isCausal);
        var joined = mixed.transpose(1, 2).reshape(tokens.shape);
        var attended = _norm1.call(tokens.add(drop.Apply(_mixed.call(joined)), Scalars.One));
        var added = _outer.call(nn.functional.gelu(_inner.call(attended)));
        return (_norm2.call(attended.add(drop.Apply(added), Scalars.One)), added);
    }

    /// <summary>The same as ONNX nodes.</summary>
    /// <param name="graph">Where they go.</param>
    /// <param name="input">Name of the tokens, [N, tokens, width].</param>
    /// <param name="bias">Name of what is added to how alike tokens are, [N, 1, 1, tokens]: far below zero behind the end of a text.</param>
    internal string EmitOnnx(OnnxGraph graph, string input, string bias)
    {
        long width = _query.in_features, headWidth = width / _heads;
        string mixed = OnnxLayers.Attention(graph, Heads("query", _query), Heads("key", _key), Heads("value", _value), headWidth, width, bias);
        string attended = graph.Emit(
            "attention.output.LayerNorm", _norm1, graph.Node("Add", [input, graph.Emit("attention.output.dense", _mixed, mixed)]));
        string inner = OnnxLayers.Gelu(graph, graph.Emit("intermediate.dense", _inner, attended));
        return graph.Emit("output.LayerNorm", _norm2, graph.Node("Add", [attended, graph.Emit("output.dense", _outer, inner)]));

        string Heads(string name, Linear projection)
        {
            string split = graph.Node("Reshape", [graph.Emit($"attention.self.{name}", projection, input), graph.Integers(0, 0, _heads, headWidth)]);
            return graph.Node("Transpose", [split], ("perm", (long[])[0, 2, 1, 3]));
        }
    }

    /// <summary>[N, tokens, width] to [N, heads, tokens, width / heads].</summary>
    private Tensor Heads(Linear projection, Tensor tokens) =>
        projection.call(tokens).view(tokens.size(0), tokens.size(1), _heads, -1).transpose(1, 2);
}

/// <summary>Modules under the names that Python knows, without a forward pass of their own.</summary>
internal sealed class Named : NamedParts
{
    internal Named(params (string Name, nn.Module Module)[] parts) : base(nameof(Named))
    {
        foreach (var (name, module) in parts)
        {
            register_module(name, module);
        }
    }

    /// <summary>Not used.</summary>
    public override Tensor forward(Tensor input) => throw new NotSupportedException();
}
