namespace ByolSharp.Onnx;

/// <summary>How images become embeddings.</summary>
public sealed class ImageEmbeddingOptions : EmbeddingOptions
{
    /// <summary>Threads that decode images, at least 1; with <see cref="EmbeddingOptions.ShareBatches"/> of all calls together. Default: all cores.</summary>
    public int DecodingThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>The most pixels that an image may declare, against decompression bombs. Default 178,956,970, as in the library.</summary>
    public long MaxPixels { get; set; } = 178_956_970;
}
