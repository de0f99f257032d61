namespace ByolSharp.Onnx;

/// <summary>How texts become embeddings.</summary>
public sealed class TextEmbeddingOptions : EmbeddingOptions;
