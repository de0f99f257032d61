namespace ByolSharp.Onnx;

/// <summary>How images become embeddings.</summary>
public sealed class ImageEmbeddingOptions
{
    /// <summary>Images that ONNX Runtime is given at once, at least 1; a file with a batch size of its own decides itself. Default 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>
    /// Whether images of calls that come at the same time form batches together, as a server wants. Default false. Without effect where the
    /// file resizes images itself, since those of a batch have one size.
    /// </summary>
    public bool ShareBatches { get; set; }

    /// <summary>Threads that decode images, at least 1; with <see cref="ShareBatches"/> of all calls together. Default: all cores.</summary>
    public int DecodingThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>The most pixels that an image may declare, against decompression bombs. Default 178,956,970, as in the library.</summary>
    public long MaxPixels { get; set; } = 178_956_970;

    /// <summary>Whether embeddings are brought to length 1, as cosine search wants them. Default false.</summary>
    public bool Normalise { get; set; }
}
