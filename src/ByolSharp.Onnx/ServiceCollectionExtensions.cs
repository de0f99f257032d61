using ByolSharp.Onnx;
using Microsoft.Extensions.AI;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Embeddings as a service.</summary>
public static class ByolSharpServiceCollectionExtensions
{
    /// <summary>Adds an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of images, one for the whole application; the file is opened at its first use.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The ONNX file.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddByolImageEmbeddings(this IServiceCollection services, string path, Action<ImageEmbeddingOptions>? configure = null) =>
        services.AddSingleton<IEmbeddingGenerator<DataContent, Embedding<float>>>(_ =>
        {
            var options = new ImageEmbeddingOptions();
            configure?.Invoke(options);
            return new ImageEmbeddingGenerator(path, options);
        });

    /// <summary>Adds an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of texts, one for the whole application; the file is opened at its first use.</summary>
    /// <inheritdoc cref="AddByolImageEmbeddings" path="/param|/returns"/>
    public static IServiceCollection AddByolTextEmbeddings(this IServiceCollection services, string path, Action<TextEmbeddingOptions>? configure = null) =>
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(_ =>
        {
            var options = new TextEmbeddingOptions();
            configure?.Invoke(options);
            return new TextEmbeddingGenerator(path, options);
        });
}
