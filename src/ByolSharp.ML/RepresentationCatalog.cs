using ByolSharp.Onnx;
using Microsoft.Extensions.AI;
using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>Image representations in pipelines of ML.NET.</summary>
public static class RepresentationCatalog
{
    /// <summary>
    /// Adds the representation of an image file as a column of single-precision numbers, which trainers take as features. Images are embedded one by
    /// one whenever the column is read: put <c>AppendCacheCheckpoint</c> behind it before a trainer that reads its data several times. The
    /// pipeline lives in the program alone: a saved model begins behind this column.
    /// </summary>
    /// <param name="catalog">The catalogue.</param>
    /// <param name="generator">Embeds the images; not disposed.</param>
    /// <param name="outputColumnName">The new column.</param>
    /// <param name="inputColumnName">A text column with the paths.</param>
    /// <param name="imageFolder">What paths are relative to; null: the working folder.</param>
    /// <exception cref="InvalidDataException">In reading: an image cannot be decoded; the message names the file.</exception>
    public static IEstimator<ITransformer> EmbedImages(
        this TransformsCatalog catalog, ImageEmbeddingGenerator generator, string outputColumnName = "Features", string inputColumnName = "ImagePath", string? imageFolder = null)
    {
        var encoder = (OnnxEncoder)generator.GetService(typeof(OnnxEncoder))!;
        var source = SchemaDefinition.Create(typeof(ImageRow));
        source[nameof(ImageRow.Path)].ColumnName = inputColumnName;
        var result = SchemaDefinition.Create(typeof(RepresentationRow));
        var column = result[nameof(RepresentationRow.Values)]; // once: it is found by the name that changes here
        (column.ColumnName, column.ColumnType) = (outputColumnName, new VectorDataViewType(NumberDataViewType.Single, encoder.RepresentationSize));
        return catalog.CustomMapping<ImageRow, RepresentationRow>(
            (row, embedded) => embedded.Values = Embed(generator, Path.Combine(imageFolder ?? "", row.Path)), contractName: null, source, result);
    }

    private static float[] Embed(ImageEmbeddingGenerator generator, string path)
    {
        try
        {
            var image = new DataContent(File.ReadAllBytes(path), "application/octet-stream");
            return generator.GenerateAsync([image]).GetAwaiter().GetResult()[0].Vector.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }

    private sealed class ImageRow
    {
        public string Path { get; set; } = "";
    }

    private sealed class RepresentationRow
    {
        public float[] Values { get; set; } = [];
    }
}
