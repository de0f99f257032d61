namespace ByolSharp.Onnx;

/// <summary>How samples of any kind become embeddings.</summary>
public abstract class EmbeddingOptions
{
    private protected EmbeddingOptions()
    {
    }

    /// <summary>Samples that ONNX Runtime is given at once, at least 1; a file with a batch size of its own decides itself. Default 32.</summary>
    public int BatchSize { get; set; } = 32;

    /// <summary>
    /// Whether samples of calls that come at the same time form batches together, as a server wants. Default false. Without effect where the file resizes images
    /// itself, since those of a batch have one size.
    /// </summary>
    public bool ShareBatches { get; set; }

    /// <summary>Whether embeddings are brought to length 1, as cosine search wants them. Default false.</summary>
    public bool Normalise { get; set; }
}
