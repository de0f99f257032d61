using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace ByolSharp.Text.Backbones;

/// <summary>Sizes of a BERT.</summary>
/// <param name="Layers">Number of layers.</param>
/// <param name="Width">Length of a token's representation, a multiple of the heads.</param>
/// <param name="Heads">Attention heads.</param>
internal sealed record BertShape(int Layers, int Width, int Heads)
{
    /// <summary>Rows of the table of positions.</summary>
    internal int Positions { get; init; } = TextOptions.MostTokens;

    /// <summary>Row of the first token; RoBERTa leaves out as many as its padding's number and one.</summary>
    internal int FirstPosition { get; init; }

    /// <summary>Rows of the table of token types, of which the first is used.</summary>
    internal int TokenTypes { get; init; } = 2;

    /// <summary>Of all layer normalisations.</summary>
    internal double Epsilon { get; init; } = 1e-12;
}

/// <summary>
/// BERT (Devlin et al. 2019) with the keys of Hugging Face's BertModel and RobertaModel: tokens to a representation of the text, the mean of its tokens' or
/// that of the first one. Views are laid out as <see cref="TextLayout"/> says.
/// </summary>
public sealed class BertEncoder : PartBackbone, IOnnxTokenModule
{
    private const double FarBelow = -1e4; // what is added before softmax to hide a place; half precision holds it too

    private readonly BertShape _shape;
    private readonly TextOptions _options;
    private readonly TokenPooling _pooling;
    private readonly Embedding _words, _positions, _types;
    private readonly LayerNorm _norm;
    private readonly BertLayer[] _layers;
    private long _tokens, _slots;

    /// <summary>Builds a network with PyTorch's own initial weights.</summary>
    internal BertEncoder(string name, BertShape shape, TextOptions options, TokenPooling pooling) : base(name)
    {
        (_shape, _options, _pooling) = (shape, options, pooling);
        _words = nn.Embedding(options.VocabularySize, shape.Width);
        _positions = nn.Embedding(shape.Positions, shape.Width);
        _types = nn.Embedding(shape.TokenTypes, shape.Width);
        _norm = nn.LayerNorm(shape.Width, shape.Epsilon);
        _layers = [.. Enumerable.Range(0, shape.Layers).Select(_ => new BertLayer(shape))];
        register_module("embeddings", new Named(
            ("word_embeddings", _words), ("position_embeddings", _positions), ("token_type_embeddings", _types), ("LayerNorm", _norm)));
        register_module("encoder", new Named(("layer", nn.ModuleList(_layers))));
        var pooler = nn.Linear(shape.Width, shape.Width); // kept for BERT's own second task, of no use here
        register_module("pooler", new Named(("dense", pooler)));
        foreach (var parameter in pooler.parameters())
        {
            parameter.requires_grad = false;
        }
    }

    /// <inheritdoc />
    public override int RepresentationSize => _shape.Width;

    /// <inheritdoc />
    public override int PartSize => _shape.Width;

    /// <summary>Tokens seen in training so far, and places computed for them.</summary>
    internal (long Tokens, long Slots) Seen => (Interlocked.Read(ref _tokens), Interlocked.Read(ref _slots));

    /// <inheritdoc />
    public override Tensor forward(Tensor views) => Encode(views, seesHidden: false, null).Representations;

    /// <inheritdoc />
    public override (Tensor Representations, Tensor Parts) EncodeParts(Tensor views, bool seesHidden, int averagedLayers)
    {
        var (representations, parts) = Encode(views, seesHidden, averagedLayers);
        return (representations, parts!);
    }

    /// <inheritdoc />
    public override Tensor PlacesOf(Tensor views)
    {
        long[] places = [.. TokenBatch.Of(views, seesHidden: true, _options.MaskToken).Buckets.SelectMany(bucket => bucket.Hidden.Select(place => place % bucket.Length))];
        return Numbers(places, [places.Length]);
    }

    /// <summary>What stands for each token before the first layer, [vocabulary, width].</summary>
    internal Tensor TokenTable => _words.weight!;

    /// <summary>Representations of what a bucket hides, the last layer's.</summary>
    /// <param name="bucket">The texts.</param>
    /// <param name="dropKey">Seed of what is dropped in training mode; null: nothing.</param>
    /// <param name="isCausal">True: no token sees a later one.</param>
    /// <returns>[hidden places, width].</returns>
    internal Tensor EncodeHidden(TokenBucket bucket, ulong? dropKey, bool isCausal)
    {
        using var scope = NewDisposeScope();
        using var drop = new DropValues(_options.Dropout, training ? dropKey : null, Device);
        return HiddenOf(Layers(bucket, drop, 0, isCausal).Last, bucket).MoveToOuterDisposeScope();
    }

    /// <inheritdoc />
    string IOnnxTokenModule.EmitOnnx(OnnxGraph graph, string ids, string mask)
    {
        string tokens = graph.Inside("embeddings", () => EmitEmbeddings(graph, ids));
        string isVoid = graph.Node("Sub", [graph.Number(1), graph.Node("Unsqueeze", [mask, graph.Integers(1, 2)])]);
        string bias = graph.Node("Mul", [isVoid, graph.Number(FarBelow)]);
        for (int i = 0; i < _layers.Length; i++)
        {
            var (layer, input) = (_layers[i], tokens);
            tokens = graph.Inside($"encoder.layer.{i}", () => layer.EmitOnnx(graph, input, bias));
        }
        return _pooling == TokenPooling.Cls ? graph.Node("Gather", [tokens, graph.Integer(0)], ("axis", 1L)) : EmitMean(graph, tokens, mask);
    }

    /// <inheritdoc />
    internal override Tensor SeenByTarget(Tensor view) =>
        cat([view.narrow(1, 0, TextLayout.Header).relu(), view.narrow(1, TextLayout.Header, view.shape[1] - TextLayout.Header).abs()], 1);

    /// <summary>Does nothing: all is registered by hand, under the names that Python knows.</summary>
    protected override void RegisterComponents() { }

    private (Tensor Representations, Tensor? Parts) Encode(Tensor views, bool seesHidden, int? averagedLayers)
    {
        using var scope = NewDisposeScope();
        var batch = TokenBatch.Of(views, seesHidden, _options.MaskToken);
        using var drop = new DropValues(_options.Dropout, training ? batch.DropKey : null, views.device);
        Count(batch);
        var pooled = new List<Tensor>();
        var parts = new List<Tensor>();
        foreach (var bucket in batch.Buckets)
        {
            var (last, averaged) = Layers(bucket, drop, averagedLayers ?? 0);
            pooled.Add(Pooled(last, bucket));
            if (averagedLayers is not null)
            {
                parts.Add(HiddenOf(averaged ?? last, bucket));
            }
        }
        var representations = cat(pooled).index_select(0, Numbers(batch.Places, [batch.Places.Length]));
        return (representations.MoveToOuterDisposeScope(), averagedLayers is null ? null : cat(parts).MoveToOuterDisposeScope());
    }

    /// <summary>The last layer's tokens and, where asked for, the mean of what the last layers add.</summary>
    private (Tensor Last, Tensor? Averaged) Layers(TokenBucket bucket, DropValues drop, int averagedLayers, bool isCausal = false)
    {
        var positions = Ascending(_shape.FirstPosition, bucket.Length);
        var tokens = _words.call(Numbers(bucket.Ids, [bucket.Rows, bucket.Length]))
            .add(_positions.call(positions), Scalars.One)
            .add(_types.weight!.select(0, 0), Scalars.One);
        tokens = drop.Apply(_norm.call(tokens));
        // Where no token sees a later one, none sees the void behind a text.
        var isToken = isCausal ? null : IsToken(bucket)?.view(bucket.Rows, 1, 1, bucket.Length);
        int first = Math.Max(0, _layers.Length - averagedLayers);
        Tensor? sum = null;
        for (int i = 0; i < _layers.Length; i++)
        {
            using var scope = NewDisposeScope(); // frees what a layer leaves at its end
            (tokens, var added) = _layers[i].Forward(tokens, isToken, isCausal, drop);
            tokens.MoveToOuterDisposeScope();
            if (averagedLayers > 0 && i >= first)
            {
                sum = (sum is null ? added : sum.add(added, Scalars.One)).MoveToOuterDisposeScope();
            }
        }
        using Scalar share = 1.0 / (_layers.Length - first == 0 ? 1 : _layers.Length - first);
        return (tokens, sum?.mul(share));
    }

    private Tensor HiddenOf(Tensor tokens, TokenBucket bucket) =>
        tokens.reshape(-1, _shape.Width).index_select(0, Numbers(bucket.Hidden, [bucket.Hidden.Length]));

    private Tensor Pooled(Tensor tokens, TokenBucket bucket)
    {
        if (_pooling == TokenPooling.Cls)
        {
            return tokens.select(1, 0);
        }
        if (IsToken(bucket)?.unsqueeze(-1) is not { } isToken)
        {
            return tokens.mean([1]);
        }
        return (tokens * isToken).sum(1) / isToken.sum(1);
    }

    /// <summary>[rows, length], false behind the end of a text; null where there is no such place.</summary>
    private Tensor? IsToken(TokenBucket bucket)
    {
        if (Array.TrueForAll(bucket.Lengths, length => length == bucket.Length))
        {
            return null;
        }
        long[] lengths = Array.ConvertAll(bucket.Lengths, length => (long)length);
        return Ascending(0, bucket.Length).unsqueeze(0).lt(Numbers(lengths, [bucket.Rows, 1]));
    }

    private Tensor Ascending(int first, int count) => Numbers([.. Enumerable.Range(first, count).Select(i => (long)i)], [count]);

    private Tensor Numbers(long[] values, long[] shape) => tensor(values, shape, device: Device);

    /// <summary>Words, the positions of as many tokens, and the first type, normalised.</summary>
    private string EmitEmbeddings(OnnxGraph graph, string ids)
    {
        string end = graph.Node("Add", [graph.Node("Shape", [ids], ("start", 1L), ("end", 2L)), graph.Integers(_shape.FirstPosition)]);
        string positions = graph.Node(
            "Slice", [graph.Weight("position_embeddings.weight", _positions.weight!), graph.Integers(_shape.FirstPosition), end, graph.Integers(0)]);
        using var firstType = _types.weight!.select(0, 0);
        string places = graph.Node("Add", [positions, graph.Weight("token_type_embeddings.weight", firstType)]);
        return graph.Emit("LayerNorm", _norm, graph.Node("Add", [OnnxLayers.Rows(graph, "word_embeddings.weight", _words.weight!, ids), places]));
    }

    /// <summary>The mean of a text's tokens; zeros for one without any.</summary>
    private static string EmitMean(OnnxGraph graph, string tokens, string mask)
    {
        string sum = graph.Node(
            "ReduceSum", [graph.Node("Mul", [tokens, graph.Node("Unsqueeze", [mask, graph.Integers(2)])]), graph.Integers(1)], ("keepdims", 0L));
        string count = graph.Node("Max", [graph.Node("ReduceSum", [mask, graph.Integers(1)], ("keepdims", 1L)), graph.Number(1)]);
        return graph.Node("Div", [sum, count]);
    }

    private void Count(TokenBatch batch)
    {
        if (training)
        {
            Interlocked.Add(ref _tokens, batch.Tokens);
            Interlocked.Add(ref _slots, batch.Slots);
        }
    }
}
