using ByolSharp.Export.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Images.Backbones;

/// <summary>
/// A vision transformer (Dosovitskiy et al. 2021) with timm's key names and, as self-supervised training wants it (MoCo v3, Chen et al. 2021),
/// fixed sine-cosine positions and a patch embedding that stays as it was drawn.
/// </summary>
public sealed class VisionTransformer : Backbone, IOnnxModule
{
    private readonly TokenPooling _pooling;
    private readonly PatchEmbedding _patchEmbedding;
    private readonly TransformerBlock[] _blocks;
    private readonly LayerNorm _norm;

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    /// <param name="width">Length of a token, a multiple of 4 and of the heads.</param>
    /// <param name="depth">Number of blocks.</param>
    /// <param name="heads">Attention heads.</param>
    /// <param name="options">Channels, image size, patch size, pooling and freezing.</param>
    /// <exception cref="ConfigurationException">The patches do not tile the image.</exception>
    public VisionTransformer(int width, int depth, int heads, BackboneOptions options) : base(options.Name)
    {
        int patch = options.PatchSize ?? (options.ImageSize < 128 ? options.ImageSize / 8 : 16);
        if (patch < 1 || options.ImageSize % patch != 0)
        {
            throw new ConfigurationException($"patchSize {patch} does not divide imageSize {options.ImageSize}: choose one that does");
        }
        (RepresentationSize, _pooling) = (width, options.Pooling);
        register_parameter("cls_token", (Parameter)new Parameter(zeros(1, 1, width)).DetachFromDisposeScope()); // MoCo v3: deviation 1e-6
        register_buffer("pos_embed", SineCosinePositions(options.ImageSize / patch, width).DetachFromDisposeScope());
        _patchEmbedding = new PatchEmbedding(options.InputChannels, width, patch, options.FreezePatchEmbedding);
        _blocks = [.. Enumerable.Range(0, depth).Select(_ => new TransformerBlock(width, heads))];
        _norm = nn.LayerNorm(width, TransformerBlock.Epsilon);
        register_module("patch_embed", _patchEmbedding);
        register_module("blocks", nn.ModuleList(_blocks));
        register_module("norm", _norm);
    }

    /// <inheritdoc />
    public override int RepresentationSize { get; }

    /// <inheritdoc />
    internal override IReadOnlyList<nn.Module<Tensor, Tensor>> Chain => _blocks;

    /// <inheritdoc />
    public override Tensor forward(Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor patches = _patchEmbedding.call(views);
        Tensor cls = get_parameter("cls_token")!.expand(patches.size(0), -1, -1);
        Tensor tokens = cat([cls, patches], 1).add(get_buffer("pos_embed")!, Scalars.One);
        tokens = _norm.call(BlockChain.Run(_blocks, tokens));
        Tensor y = _pooling == TokenPooling.Cls ? tokens.select(1, 0) : tokens.narrow(1, 1, tokens.size(1) - 1).mean([1]);
        return y.MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    public string EmitOnnx(OnnxGraph graph, string input)
    {
        string patches = graph.Emit("patch_embed", _patchEmbedding, input);
        string samples = graph.Node("Shape", [patches], ("start", 0L), ("end", 1L));
        string shape = graph.Node("Concat", [samples, graph.Integers(1, RepresentationSize)], ("axis", 0L));
        string cls = graph.Node("Expand", [graph.Weight("cls_token", get_parameter("cls_token")!), shape]);
        string tokens = graph.Node(
            "Add", [graph.Node("Concat", [cls, patches], ("axis", 1L)), graph.Weight("pos_embed", get_buffer("pos_embed")!)]);
        for (int i = 0; i < _blocks.Length; i++)
        {
            tokens = graph.Emit($"blocks.{i}", _blocks[i], tokens);
        }
        tokens = graph.Emit("norm", _norm, tokens);
        return _pooling == TokenPooling.Cls
            ? graph.Node("Gather", [tokens, graph.Integer(0)], ("axis", 1L))
            : MeanOfPatches(graph, tokens);
    }

    private static string MeanOfPatches(OnnxGraph graph, string tokens)
    {
        string patches = graph.Node("Slice", [tokens, graph.Integers(1), graph.Integers(long.MaxValue), graph.Integers(1)]);
        return graph.Opset < 18 // until then the axes were an attribute
            ? graph.Node("ReduceMean", [patches], ("axes", (long[])[1]), ("keepdims", 0L))
            : graph.Node("ReduceMean", [patches, graph.Integers(1)], ("keepdims", 0L));
    }

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected override void RegisterComponents() { }

    /// <summary>
    /// Fixed positions: for the token in row r and column c, a quarter of the width each for sin(r f), cos(r f), sin(c f) and cos(c f), with the
    /// frequencies f = 10000^(-i / quarter); zeros for the class token, which comes first.
    /// </summary>
    /// <param name="side">Tokens along a side of the image.</param>
    /// <param name="width">Length of a token, a multiple of 4.</param>
    /// <returns>[1, 1 + side * side, width].</returns>
    public static Tensor SineCosinePositions(int side, int width)
    {
        const double temperature = 10_000;
        int quarter = width / 4;
        var values = new float[(1 + side * side) * width];
        for (int token = 0; token < side * side; token++)
        {
            Span<float> position = values.AsSpan((1 + token) * width, width);
            for (int i = 0; i < quarter; i++)
            {
                double frequency = Math.Pow(temperature, -(double)i / quarter);
                (double sinRow, double cosRow) = Math.SinCos(token / side * frequency);
                (double sinColumn, double cosColumn) = Math.SinCos(token % side * frequency);
                position[i] = (float)sinRow;
                position[quarter + i] = (float)cosRow;
                position[2 * quarter + i] = (float)sinColumn;
                position[3 * quarter + i] = (float)cosColumn;
            }
        }
        return tensor(values, [1, 1 + side * side, width]);
    }

    /// <summary>Cuts the image into patches and projects each to a token.</summary>
    private sealed class PatchEmbedding : NamedParts, IOnnxModule
    {
        private readonly Conv2d _projection;

        public PatchEmbedding(int channels, int width, int patch, bool frozen) : base(nameof(PatchEmbedding))
        {
            _projection = nn.Conv2d(channels, width, patch, patch);
            register_module("proj", _projection);
            foreach (Parameter parameter in _projection.parameters())
            {
                parameter.requires_grad = !frozen;
            }
        }

        public override Tensor forward(Tensor views) => _projection.call(views).flatten(2).transpose(1, 2);

        public string EmitOnnx(OnnxGraph graph, string input)
        {
            string maps = graph.Emit("proj", _projection, input);
            string rows = graph.Node("Reshape", [maps, graph.Integers(0, _projection.out_channels, -1)]);
            return graph.Node("Transpose", [rows], ("perm", (long[])[0, 2, 1]));
        }
    }
}
