using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using Image = ByolSharp.Images.Image;

namespace ByolSharp.Tests.ML;

/// <summary>A trainer of ML.NET learns on representations as on any other column.</summary>
public sealed class RepresentationCatalogTests : IDisposable
{
    private const int PerClass = 30, Size = 32;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_multiclass_trainer_learns_from_the_column()
    {
        Photo[] photos = [.. Enumerable.Range(0, 2 * PerClass).Select(Write)];
        using var generator = new ImageEmbeddingGenerator(Export());
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(photos);
        var split = context.Data.TrainTestSplit(data, testFraction: 0.3, seed: 1);

        var pipeline = context.Transforms.EmbedImages(generator, inputColumnName: nameof(Photo.File), imageFolder: _folder.Path)
            .Append(context.Transforms.Conversion.MapValueToKey("Label"))
            .AppendCacheCheckpoint(context)
            .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy());
        var model = pipeline.Fit(split.TrainSet);
        var metrics = context.MulticlassClassification.Evaluate(model.Transform(split.TestSet));

        Assert.True(metrics.MicroAccuracy > 0.95, $"accuracy {metrics.MicroAccuracy}");
        var row = model.Transform(data).GetColumn<float[]>("Features").First();
        var expected = (await generator.GenerateAsync([new DataContent(File.ReadAllBytes(_folder.Of(photos[0].File)), "image/png")], cancellationToken: TestContext.Current.CancellationToken))[0];
        Assert.Equal(expected.Vector.ToArray(), row);
    }

    [Fact]
    public void A_broken_image_is_named()
    {
        _folder.Write("broken.png", "this is no image");
        using var generator = new ImageEmbeddingGenerator(Export());
        var context = new MLContext();
        var rows = context.Data.LoadFromEnumerable([new Photo { File = "broken.png" }]);
        var embedded = context.Transforms.EmbedImages(generator, inputColumnName: nameof(Photo.File), imageFolder: _folder.Path).Fit(rows).Transform(rows);

        var error = Assert.ThrowsAny<Exception>(() => embedded.GetColumn<float[]>("Features").ToArray());
        Assert.Contains("broken.png", error.ToString(), StringComparison.Ordinal);
    }

    private Photo Write(int index)
    {
        bool isBright = index % 2 == 0;
        var random = new SampleRandom(index);
        byte[] pixels = [.. Enumerable.Range(0, Size * Size * 3).Select(_ => (byte)(random.NextInt(100) + (isBright ? 150 : 0)))];
        _folder.Write($"{index}.png", Pictures.Png(new Image(Size, Size, 3, pixels)));
        return new() { File = $"{index}.png", Label = isBright ? "bright" : "dark" };
    }

    private string Export()
    {
        var options = new BackboneOptions { Name = "resnet8", ImageSize = Size, InputChannels = 3 };
        using var backbone = BackboneFactory.Create(options, seed: 1);
        backbone.eval();
        OnnxFile.Save(_folder.Of("encoder.onnx"), backbone, options, new EncoderMetadata { ImageSize = Size }, channels: 3, new());
        return _folder.Of("encoder.onnx");
    }

    private sealed class Photo
    {
        public string File { get; set; } = "";

        public string Label { get; set; } = "";
    }
}
