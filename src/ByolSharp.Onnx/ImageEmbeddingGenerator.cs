using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace ByolSharp.Onnx;

/// <summary>
/// Embeddings of encoded images (JPEG, PNG, WebP, GIF, BMP) by an encoder of ByolSharp, in process and without libtorch. Safe to call from
/// several threads at once. Its counters are those of <see cref="EmbeddingMetrics"/>.
/// </summary>
public sealed class ImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly OnnxEncoder _encoder;
    private readonly ImageEmbeddingOptions _options;
    private readonly ViewMaker _views;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly SemaphoreSlim _decoders;
    private readonly SharedBatches? _shared;

    /// <summary>Opens an encoder that <c>byol export --format onnx</c> wrote.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Batches and limits; null: the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no encoder of ByolSharp.</exception>
    /// <exception cref="NotSupportedException">It takes neither grey nor RGB images.</exception>
    public ImageEmbeddingGenerator(string path, ImageEmbeddingOptions? options = null)
    {
        _options = options ?? new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.BatchSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_options.DecodingThreads, nameof(options));
        _encoder = new OnnxEncoder(path);
        if (_encoder.Channels is not (1 or 3))
        {
            int channels = _encoder.Channels;
            _encoder.Dispose();
            throw new NotSupportedException($"'{path}' takes images of {channels} channels: call {nameof(OnnxEncoder)} with views of your own.");
        }
        _views = new ViewMaker(_encoder);
        _decoders = new(_options.DecodingThreads);
        _shared = _options.ShareBatches && _encoder.TakesViews ? new(_encoder, _views.ViewLength, _options.BatchSize) : null;
        _metadata = new(nameof(ByolSharp), defaultModelId: Path.GetFileNameWithoutExtension(path), defaultModelDimensions: _encoder.RepresentationSize);
    }

    /// <summary>Embeds images.</summary>
    /// <param name="values">Encoded images.</param>
    /// <param name="options">Not used: an encoder has one length and one model.</param>
    /// <param name="cancellationToken">Stops between images and in the middle of a batch.</param>
    /// <returns>One embedding an image, in their order.</returns>
    /// <exception cref="InvalidDataException">An image cannot be decoded; the message names its place.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        DataContent[] images = [.. values];
        return _shared is null ? Task.Run(() => Generate(images, cancellationToken), cancellationToken) : GenerateTogether(_shared, images, cancellationToken);
    }

    /// <inheritdoc />
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is not null ? null
        : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
        : serviceType == typeof(OnnxEncoder) ? _encoder
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc />
    public void Dispose()
    {
        _shared?.Dispose();
        _encoder.Dispose();
        _decoders.Dispose();
    }

    private async Task<GeneratedEmbeddings<Embedding<float>>> GenerateTogether(SharedBatches shared, DataContent[] images, CancellationToken cancellation)
    {
        float[][] representations = await Task.WhenAll(Enumerable.Range(0, images.Length).Select(async i =>
        {
            await _decoders.WaitAsync(cancellation).ConfigureAwait(false);
            float[] view = new float[_views.ViewLength];
            try
            {
                await Task.Run(() => _views.Make(Decode(images, i), view), cancellation).ConfigureAwait(false);
            }
            finally
            {
                _decoders.Release();
            }
            return await shared.RunAsync(view, cancellation).ConfigureAwait(false);
        })).ConfigureAwait(false);
        return [.. representations.Select(y => ToEmbedding(y, 0))];
    }

    private GeneratedEmbeddings<Embedding<float>> Generate(DataContent[] images, CancellationToken cancellation)
    {
        var embeddings = new GeneratedEmbeddings<Embedding<float>>(images.Length);
        // Images that the graph resizes itself go one by one: a batch of them has one size.
        int batchSize = _encoder.TakesViews ? _encoder.MaxBatchSize ?? _options.BatchSize : 1;
        for (int start = 0; start < images.Length; start += batchSize)
        {
            int count = Math.Min(batchSize, images.Length - start);
            long began = Stopwatch.GetTimestamp();
            float[] representations = _encoder.TakesViews
                ? EmbedViews(images, start, count, cancellation)
                : EmbedImage(Decode(images, start), cancellation);
            EmbeddingMetrics.Count(count, Stopwatch.GetElapsedTime(began));
            embeddings.AddRange(Enumerable.Range(0, count).Select(i => ToEmbedding(representations, i)));
        }
        return embeddings;
    }

    private float[] EmbedViews(DataContent[] images, int start, int count, CancellationToken cancellation)
    {
        int length = _views.ViewLength, batch = _encoder.MaxBatchSize ?? count;
        var views = new float[batch * length];
        try
        {
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.DecodingThreads, CancellationToken = cancellation };
            Parallel.For(0, count, parallel, i => _views.Make(Decode(images, start + i), views.AsSpan(i * length, length)));
        }
        catch (AggregateException e) when (e.InnerExceptions[0] is InvalidDataException first)
        {
            throw new InvalidDataException(first.Message, e);
        }
        return _encoder.Run(views, [batch, _encoder.Channels, _encoder.ImageSize, _encoder.ImageSize], cancellation);
    }

    private float[] EmbedImage(Pixels image, CancellationToken cancellation)
    {
        int channels = _encoder.Channels, area = image.Width * image.Height, batch = _encoder.MaxBatchSize ?? 1;
        byte[] values = new byte[batch * image.Values.Length];
        for (int i = 0; i < image.Values.Length; i++)
        {
            values[_encoder.IsChannelsLast ? i : i % channels * area + i / channels] = image.Values[i];
        }
        long[] shape = _encoder.IsChannelsLast ? [batch, image.Height, image.Width, channels] : [batch, channels, image.Height, image.Width];
        return _encoder.TakesBytes ? _encoder.Run(values, shape, cancellation) : _encoder.Run(Array.ConvertAll(values, v => (float)v), shape, cancellation);
    }

    private Pixels Decode(DataContent[] images, int index)
    {
        try
        {
            return Pixels.Decode(images[index].Data.Span, _encoder.Channels, _options.MaxPixels);
        }
        catch (InvalidDataException e)
        {
            EmbeddingMetrics.CountFailure();
            throw new InvalidDataException($"image {index + 1} of {images.Length}: {e.Message}", e);
        }
    }

    private Embedding<float> ToEmbedding(float[] representations, int index)
    {
        float[] vector = representations[(index * _encoder.RepresentationSize)..((index + 1) * _encoder.RepresentationSize)];
        if (_options.Normalise)
        {
            float length = MathF.Sqrt(vector.Sum(v => v * v));
            vector = length > 0 ? Array.ConvertAll(vector, v => v / length) : vector;
        }
        return new(vector) { ModelId = _metadata.DefaultModelId, CreatedAt = DateTimeOffset.UtcNow };
    }
}
