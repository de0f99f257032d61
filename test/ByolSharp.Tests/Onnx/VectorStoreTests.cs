using System.Diagnostics.CodeAnalysis;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.Extensions.VectorData.ProviderServices;

namespace ByolSharp.Tests.Onnx;

/// <summary>
/// The generator inside a store of Microsoft.Extensions.VectorData: a record has the image as its vector property, and the model of a collection, which
/// every store builds in this way, makes the vector.
/// </summary>
[Experimental("MEVD9001")] // what stores are built on
public sealed class VectorStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_turns_images_into_vectors()
    {
        using var generator = new ImageEmbeddingGenerator(ExportedEncoder());
        Photo[] photos = [.. Enumerable.Range(0, 3).Select(i => new Photo { Name = $"{i}", Image = new(Pictures.Png(40 + i, 32, 3), "image/png") })];
        var definition = new VectorStoreCollectionDefinition { EmbeddingGenerator = generator };

        VectorPropertyModel vector = new StoreModel().Build(typeof(Photo), typeof(string), definition, null).VectorProperty;
        var stored = await vector.GenerateEmbeddingsAsync(photos.Select(photo => photo.Image), Token);
        var searched = await vector.GenerateEmbeddingAsync(photos[1].Image, Token);

        Assert.Equal(typeof(Embedding<float>), vector.EmbeddingType);
        var expected = await generator.GenerateAsync(photos.Select(photo => photo.Image), cancellationToken: Token);
        Assert.Equal(expected.Select(Values), stored.Cast<Embedding<float>>().Select(Values));
        Assert.Equal(Values(expected[1]), Values((Embedding<float>)searched!));
        Assert.Equal(Photo.Size, Values(expected[0]).Length);
    }

    private static float[] Values(Embedding<float> embedding) => embedding.Vector.ToArray();

    private string ExportedEncoder()
    {
        var options = new BackboneOptions { Name = "resnet8", WidthMultiplier = 0.5, ImageSize = 32 };
        using Backbone backbone = BackboneFactory.Create(options, seed: 1);
        backbone.eval();
        string path = _folder.Of("encoder.onnx");
        OnnxFile.Save(path, backbone, options, new() { ImageSize = 32 }, channels: 3, new());
        return path;
    }

    private sealed class Photo
    {
        public const int Size = 32;

        [VectorStoreKey]
        public string Name { get; set; } = "";

        [VectorStoreVector(Size)]
        public DataContent Image { get; set; } = new(Array.Empty<byte>(), "image/png");
    }

    /// <summary>A store that keeps text keys and single-precision vectors, as most do.</summary>
    private sealed class StoreModel() : CollectionModelBuilder(new() { RequiresAtLeastOneVector = true, SupportsMultipleVectors = false })
    {
        protected override void ValidateKeyProperty(KeyPropertyModel keyProperty) => Assert.Equal(typeof(string), keyProperty.Type);

        protected override bool IsDataPropertyTypeValid(Type type, out string supportedTypes) => (supportedTypes = "string") == "string" && type == typeof(string);

        protected override bool IsVectorPropertyTypeValid(Type type, out string supportedTypes) =>
            (supportedTypes = "Embedding<float>") is not null && (type == typeof(Embedding<float>) || type == typeof(ReadOnlyMemory<float>));
    }
}
