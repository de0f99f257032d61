using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images.Backbones;
using ByolSharp.Tests.Text;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export.Onnx;

/// <summary>As <see cref="OnnxFileTests"/>, for encoders of texts: padded batches, beside the encoder that pads in its own way.</summary>
public sealed class OnnxTextTests : IDisposable
{
    private const float Tolerance = 1e-4f;
    private const int MaxTokens = 24;
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string FilePath => _folder.Of("encoder.onnx");

    public static TheoryData<string> SmallNames => new(TextBackbones.Names.Where(name => !IsLarge(name)));

    public static TheoryData<string> LargeNames => new(TextBackbones.Names.Where(IsLarge));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(SmallNames))]
    public void Every_small_backbone_is_alike_for_any_batch_and_length(string name)
    {
        AssertAlike(new() { Name = name, Pooling = TokenPooling.Mean });
        AssertAlike(new() { Name = name, Pooling = TokenPooling.Cls });
    }

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(LargeNames))]
    public void Every_large_backbone_is_alike_too(string name) => AssertAlike(new() { Name = name, Pooling = TokenPooling.Mean });

    [Theory]
    [InlineData(TokenPooling.Mean, OnnxExportOptions.MinOpset)]
    [InlineData(TokenPooling.Mean, OnnxExportOptions.MaxOpset)]
    [InlineData(TokenPooling.Cls, OnnxExportOptions.MinOpset)]
    public void RoBERTa_s_positions_begin_behind_those_of_padding(TokenPooling pooling, int opset)
    {
        var metadata = SmallTexts.Metadata();
        var shape = new BertShape(2, 32, 4) { Positions = TextOptions.MostTokens + 2, FirstPosition = 2, TokenTypes = 1, Epsilon = 1e-5 };
        using var encoder = new BertEncoder("roberta-tiny", shape, metadata.Text!.Options, pooling);
        Initialization.Apply(encoder, InitializationScheme.Bert, seed: 3);
        Networks.Settle(encoder, TextViewsOf.Tokens(4, 0, [2, 7, 3]));

        OnnxFile.Save(FilePath, encoder, null, metadata, 0, new() { Opset = opset });

        AssertFileIsAlike(encoder);
    }

    [Theory]
    [InlineData(OnnxPrecision.Half, 0.4, 0.65, 2e-2f)]
    [InlineData(OnnxPrecision.Int8, 0.2, 0.45, 0.1f)]
    public void Smaller_numbers_take_less_space_and_stay_near(OnnxPrecision precision, double least, double most, float near)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        var metadata = SmallTexts.Metadata();
        using var encoder = SmallTexts.Encoder(new() { Name = "bert-4x128", Pooling = TokenPooling.Mean }, metadata);
        OnnxFile.Save(FilePath, encoder, null, metadata, 0, new());
        long single = new FileInfo(FilePath).Length;
        OnnxFile.Save(FilePath, encoder, null, metadata, 0, new() { Precision = precision });
        using var file = new OnnxTextEncoder(FilePath);

        var (expected, actual) = Both(encoder, file, batch: 7, length: MaxTokens);

        Assert.InRange(new FileInfo(FilePath).Length, least * single, most * single);
        Assert.InRange(Networks.LargestDifference(expected, actual), 1e-7f, near * Math.Max(1, expected.abs().max().item<float>()));
        Assert.InRange(nn.functional.cosine_similarity(actual, expected, dim: 1).min().item<float>(), 0.99f, 1.00001f);
    }

    [Fact]
    public void A_file_says_how_texts_are_cut_and_what_it_cannot_be()
    {
        var metadata = SmallTexts.Metadata();
        using var encoder = SmallTexts.Encoder(new() { Name = "bert-tiny" }, metadata);
        OnnxFile.Save(FilePath, encoder, null, metadata, 0, new());
        using var file = new OnnxTextEncoder(FilePath);

        Assert.Equal((MaxTokens, 128, null), (file.MaxTokens, file.RepresentationSize, file.MaxBatchSize));
        Assert.Equal(MaxTokens, file.Tokenize(SmallTexts.Texts[4]).Length);
        Assert.Equal([2, .. SmallTexts.Tokenizer.Encode("a fox"), 3], file.Tokenize("a fox"));
        Assert.All(file.Run(new long[MaxTokens], new long[MaxTokens], [1, MaxTokens], Token), value => Assert.True(float.IsFinite(value))); // a void text
        Assert.Contains("encoder of texts", Assert.Throws<InvalidDataException>(() => new ImageEmbeddingGenerator(FilePath)).Message, StringComparison.Ordinal);
        Assert.Contains("takes tokens", Assert.Throws<ConfigurationException>(
            () => OnnxFile.Save(FilePath, encoder, null, metadata, 0, new() { Input = OnnxInput.FloatNchw })).Message, StringComparison.Ordinal);
        Assert.Contains("no ONNX form", Assert.Throws<ConfigurationException>(
            () => OnnxFile.Save(FilePath, new TinyBackbone(), null, metadata, 0, new())).Message, StringComparison.Ordinal);
    }

    private static bool IsLarge(string name) => name.EndsWith("-base", StringComparison.Ordinal);

    private void AssertAlike(BackboneOptions options)
    {
        var metadata = SmallTexts.Metadata();
        using var encoder = SmallTexts.Encoder(options, metadata);
        OnnxFile.Save(FilePath, encoder, options, metadata, 0, new());
        AssertFileIsAlike(encoder);
    }

    private void AssertFileIsAlike(BertEncoder encoder)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using var file = new OnnxTextEncoder(FilePath);
        foreach (var (batch, length) in new[] { (1, MaxTokens), (7, MaxTokens), (1, 9), (7, 9) })
        {
            var (expected, actual) = Both(encoder, file, batch, length);
            Assert.InRange(Networks.LargestDifference(expected, actual), 0, Tolerance);
        }
    }

    /// <summary>Texts of random tokens and lengths, the first as long as all places, in process and in ONNX Runtime.</summary>
    private static (Tensor Expected, Tensor Actual) Both(BertEncoder encoder, OnnxTextEncoder file, int batch, int length)
    {
        var random = new SampleRandom(batch, length);
        int[][] texts = new int[batch][];
        for (int i = 0; i < batch; i++)
        {
            texts[i] = new int[i == 0 ? length : 1 + random.NextInt(length)];
            for (int t = 0; t < texts[i].Length; t++)
            {
                texts[i][t] = random.NextInt(SmallTexts.Tokenizer.VocabularySize);
            }
        }
        long[] ids = [.. texts.SelectMany(text => text.Select(token => (long)token).Concat(Enumerable.Repeat(9L, length - text.Length)))];
        long[] mask = [.. texts.SelectMany(text => Enumerable.Range(0, length).Select(place => place < text.Length ? 1L : 0L))];
        Tensor expected = encoder.call(TextViewsOf.Tokens(length, 0, texts));
        return (expected, tensor(file.Run(ids, mask, [batch, length], Token), expected.shape));
    }
}
