using System.Diagnostics.Metrics;

namespace ByolSharp.Onnx;

/// <summary>What decides how samples go through an encoder.</summary>
internal sealed record EmbeddingPlan
{
    /// <summary>What a sample is called in messages.</summary>
    public required string What { get; init; }

    /// <summary>Counts samples.</summary>
    public required Counter<long> Counter { get; init; }

    /// <summary>The encoder's name.</summary>
    public required string Model { get; init; }

    /// <summary>Length of a representation.</summary>
    public required int RepresentationSize { get; init; }

    /// <summary>Samples that the encoder is given at once, at most.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Threads that prepare samples.</summary>
    public required int Threads { get; init; }

    /// <summary>Whether samples of calls that come at the same time form batches together.</summary>
    public required bool SharesBatches { get; init; }

    /// <summary>Whether embeddings are brought to length 1.</summary>
    public required bool Normalises { get; init; }

    /// <summary>From options, with what the file decides.</summary>
    public static EmbeddingPlan Of(
        string path, string what, Counter<long> counter, int representationSize, int? fixedBatch, int threads, EmbeddingOptions options) => new()
        {
            What = what,
            Counter = counter,
            Model = Path.GetFileNameWithoutExtension(path),
            RepresentationSize = representationSize,
            BatchSize = fixedBatch ?? options.BatchSize,
            Threads = threads,
            SharesBatches = options.ShareBatches,
            Normalises = options.Normalise,
        };
}
