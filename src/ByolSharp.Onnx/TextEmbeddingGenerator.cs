using Microsoft.Extensions.AI;

namespace ByolSharp.Onnx;

/// <summary>
/// Embeddings of texts by an encoder of ByolSharp, in process and without libtorch; the tokenizer is in the encoder's file. Safe to call from several threads at
/// once. Its counters are those of <see cref="EmbeddingMetrics"/>.
/// </summary>
public sealed class TextEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    private readonly OnnxTextEncoder _encoder;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly EmbeddingPipeline<string, int[]> _pipeline;

    /// <summary>Opens an encoder that <c>byol export --format onnx</c> wrote.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Batches; null: the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no encoder of ByolSharp, or none of texts.</exception>
    public TextEmbeddingGenerator(string path, TextEmbeddingOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        _encoder = new OnnxTextEncoder(path);
        var plan = EmbeddingPlan.Of(path, "text", EmbeddingMetrics.Texts, _encoder.RepresentationSize, _encoder.MaxBatchSize, Environment.ProcessorCount, options);
        _metadata = new(nameof(ByolSharp), defaultModelId: plan.Model, defaultModelDimensions: plan.RepresentationSize);
        _pipeline = new(plan, _encoder.Tokenize, _encoder.Run);
    }

    /// <summary>Embeds texts.</summary>
    /// <param name="values">The texts; of long ones the beginning counts (<see cref="OnnxTextEncoder.MaxTokens"/>).</param>
    /// <param name="options">Not used: an encoder has one length and one model.</param>
    /// <param name="cancellationToken">Stops between texts and in the middle of a batch.</param>
    /// <returns>One embedding a text, in their order.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
        _pipeline.GenerateAsync(values, cancellationToken);

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null ? ((object[])[this, _metadata, _encoder]).FirstOrDefault(serviceType.IsInstanceOfType) : null;

    /// <inheritdoc />
    public void Dispose()
    {
        _pipeline.Dispose();
        _encoder.Dispose();
    }
}
