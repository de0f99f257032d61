using System.Diagnostics.Metrics;
using ByolSharp.Evaluation;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Text;
using ByolSharp.Text;
using ByolSharp.Text.Tokenizers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace ByolSharp.Tests.Onnx;

/// <summary>The package for applications gives what the library gives for texts, from the encoder's file alone.</summary>
public sealed class TextEmbeddingGeneratorTests : IDisposable
{
    private const float Tolerance = 1e-4f;
    private static readonly BackboneOptions Options = new() { Name = "bert-tiny", Pooling = TokenPooling.Mean };
    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string FilePath => _folder.Of("encoder.onnx");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(32, null, true, false)]
    [InlineData(2, null, true, false)]
    [InlineData(3, null, true, true)]
    [InlineData(32, 4, true, false)]
    [InlineData(32, 4, false, true)]
    public async Task Texts_are_embedded_as_by_the_encoder_in_process(int batchSize, int? fixedBatch, bool anyLength, bool shares)
    {
        float[][] expected = Export(SmallTexts.Tokenizer, new() { BatchSize = fixedBatch, AnySize = anyLength });
        using var generator = new TextEmbeddingGenerator(FilePath, new() { BatchSize = batchSize, ShareBatches = shares });

        AssertNear(expected, await generator.GenerateAsync(SmallTexts.Texts, cancellationToken: Token));
    }

    [Theory]
    [InlineData(TokenizerKind.WordPiece)]
    [InlineData(TokenizerKind.Json)]
    public async Task Other_tokenizers_cut_alike_too(TokenizerKind kind)
    {
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "fox", "dog", "a", "la", "##zy", "old", "##er", "s", "##ees", ".", ",", "gro", "##ß"];
        string entries = string.Join(',', pieces.Index().Select(piece => $"\"{piece.Item}\":{piece.Index}"));
        string data = kind == TokenizerKind.WordPiece ? string.Join('\n', pieces)
            : "{\"normalizer\":{\"lowercase\":true},\"model\":{\"type\":\"WordPiece\",\"vocab\":{" + entries + "}}}";
        float[][] expected = Export(TextTokenizer.Open(new TokenizerSource(kind, data)), new());
        using var generator = new TextEmbeddingGenerator(FilePath);

        AssertNear(expected, await generator.GenerateAsync(SmallTexts.Texts, cancellationToken: Token));
    }

    [Fact]
    public async Task Several_threads_share_one_generator_that_is_registered_in_one_line()
    {
        float[][] expected = Export(SmallTexts.Tokenizer, new());
        await using ServiceProvider services = new ServiceCollection().AddByolTextEmbeddings(FilePath, o => o.BatchSize = 3).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>();

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => generator.GenerateAsync(SmallTexts.Texts, cancellationToken: Token)));

        Assert.All(results, actual => AssertNear(expected, actual));
        Assert.Equal(("encoder", 128), (generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelId, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions));
        Assert.Equal(24, generator.GetService<OnnxTextEncoder>()!.MaxTokens);
        Assert.Same(generator, services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>());
    }

    [Fact]
    public async Task Normalised_embeddings_have_length_1_and_texts_are_counted()
    {
        Export(SmallTexts.Tokenizer, new());
        long count = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) => { if (instrument.Name == "byolsharp.texts") { l.EnableMeasurementEvents(instrument); } },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => Interlocked.Add(ref count, value));
        listener.Start();
        using var generator = new TextEmbeddingGenerator(FilePath, new() { Normalise = true });

        var embeddings = await generator.GenerateAsync(SmallTexts.Texts, cancellationToken: Token);

        Assert.All(embeddings, embedding => Assert.Equal(1, embedding.Vector.ToArray().Sum(v => v * v), 1e-5f));
        Assert.True(count >= SmallTexts.Texts.Length); // other tests embed beside this one
        Assert.Empty(await generator.GenerateAsync([], cancellationToken: Token));
    }

    [Fact]
    public async Task Cancelling_stops_the_work()
    {
        Export(SmallTexts.Tokenizer, new());
        using var generator = new TextEmbeddingGenerator(FilePath, new() { BatchSize = 1 });
        using var cancellation = new CancellationTokenSource();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) => { if (instrument.Name == "byolsharp.texts") { l.EnableMeasurementEvents(instrument); } },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => cancellation.Cancel());
        listener.Start();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(Enumerable.Repeat("a fox", 100_000), cancellationToken: cancellation.Token));
    }

    [Fact]
    public void Files_that_hold_no_encoder_of_texts_are_refused()
    {
        using var network = BackboneFactory.Create(new() { Name = "resnet8", ImageSize = 32 });
        OnnxFile.Save(FilePath, network, null, new(), 3, new());

        Assert.Contains("no encoder of texts", Assert.Throws<InvalidDataException>(() => new TextEmbeddingGenerator(FilePath)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new TextEmbeddingGenerator(_folder.Of("absent.onnx")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TextEmbeddingGenerator(FilePath, new() { BatchSize = 0 }));
    }

    /// <summary>Writes an encoder; gives what it makes of the texts in process, as evaluation does.</summary>
    private float[][] Export(TextTokenizer tokenizer, OnnxExportOptions export)
    {
        var metadata = SmallTexts.Metadata(tokenizer);
        using var encoder = SmallTexts.Encoder(Options, metadata);
        OnnxFile.Save(FilePath, encoder, Options, metadata, 0, export);
        using var source = new Listed(SmallTexts.Texts);
        var features = FeatureExtractor.Extract(encoder, new TextEvalSource(source, metadata.Text!.Options.MaxTokens, tokenizer), cancellation: Token).Features;
        return [.. Enumerable.Range(0, features.Count).Select(i => features[i].ToArray())];
    }

    private static void AssertNear(float[][] expected, GeneratedEmbeddings<Embedding<float>> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.All(expected.Zip(actual), pair =>
            Assert.InRange(pair.First.Zip(pair.Second.Vector.ToArray(), (e, a) => Math.Abs(e - a)).Max(), 0, Tolerance));
    }

    /// <summary>Texts from memory, as they are.</summary>
    private sealed class Listed(string[] texts) : TextDataset
    {
        public override int Count => texts.Length;

        public override IReadOnlyList<string> ClassNames => [];

        public override string NameOf(int index) => $"{index}";

        public override int LabelOf(int index) => NoLabel;

        public override TextSample Read(int index) => new(texts[index]);
    }
}
