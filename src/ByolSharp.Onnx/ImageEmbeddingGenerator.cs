using Microsoft.Extensions.AI;

namespace ByolSharp.Onnx;

/// <summary>
/// Embeddings of encoded images (JPEG, PNG, WebP, GIF, BMP) by an encoder of ByolSharp, in process and without libtorch. Safe to call from
/// several threads at once. Its counters are those of <see cref="EmbeddingMetrics"/>.
/// </summary>
public sealed class ImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    private readonly OnnxEncoder _encoder;
    private readonly long _maxPixels;
    private readonly ViewMaker _views;
    private readonly EmbeddingGeneratorMetadata _metadata;
    private readonly IEmbeddingPipeline<DataContent> _pipeline;

    /// <summary>Opens an encoder that <c>byol export --format onnx</c> wrote.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="options">Batches and limits; null: the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no encoder of ByolSharp, or one of texts.</exception>
    /// <exception cref="NotSupportedException">It takes neither grey nor RGB images.</exception>
    public ImageEmbeddingGenerator(string path, ImageEmbeddingOptions? options = null)
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.DecodingThreads, nameof(options));
        _encoder = new OnnxEncoder(path);
        if (_encoder.Channels is not (1 or 3) || _encoder.Frames is not null)
        {
            string images = _encoder.Frames is null ? $"images of {_encoder.Channels} channels" : "clips of videos";
            _encoder.Dispose();
            throw new NotSupportedException($"'{path}' takes {images}: call {nameof(OnnxEncoder)} with views of your own.");
        }
        (_views, _maxPixels) = (new ViewMaker(_encoder), options.MaxPixels);
        var plan = EmbeddingPlan.Of(path, "image", EmbeddingMetrics.Images, _encoder.RepresentationSize, _encoder.MaxBatchSize, options.DecodingThreads, options);
        _metadata = new(nameof(ByolSharp), defaultModelId: plan.Model, defaultModelDimensions: plan.RepresentationSize);
        // Images that the graph resizes itself go one by one: a batch of them has one size.
        _pipeline = _encoder.TakesViews
            ? new EmbeddingPipeline<DataContent, float[]>(plan, ViewOf, EmbedViews)
            : new EmbeddingPipeline<DataContent, Pixels>(plan with { BatchSize = 1, SharesBatches = false }, Decode, (images, cancellation) => EmbedImage(images[0], cancellation));
    }

    /// <summary>Embeds images.</summary>
    /// <param name="values">Encoded images.</param>
    /// <param name="options">Not used: an encoder has one length and one model.</param>
    /// <param name="cancellationToken">Stops between images and in the middle of a batch.</param>
    /// <returns>One embedding an image, in their order.</returns>
    /// <exception cref="InvalidDataException">An image cannot be decoded; the message names its place.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
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

    private Pixels Decode(DataContent image) => Pixels.Decode(image.Data.Span, _encoder.Channels, _maxPixels);

    private float[] ViewOf(DataContent image)
    {
        var view = new float[_views.ViewLength];
        _views.Make(Decode(image), view);
        return view;
    }

    private float[] EmbedViews(IReadOnlyList<float[]> views, CancellationToken cancellation)
    {
        int length = _views.ViewLength, rows = _encoder.MaxBatchSize ?? views.Count;
        var batch = new float[rows * length];
        for (int i = 0; i < views.Count; i++)
        {
            views[i].CopyTo(batch, i * length);
        }
        return _encoder.Run(batch, [rows, _encoder.Channels, _encoder.ImageSize, _encoder.ImageSize], cancellation);
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
}
