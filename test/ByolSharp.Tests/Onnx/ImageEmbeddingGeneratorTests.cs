using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using NetVips;
using static TorchSharp.torch;
using VipsImage = NetVips.Image;

namespace ByolSharp.Tests.Onnx;

/// <summary>The package for applications gives what the library gives, though it shares neither libtorch nor the decoders with it.</summary>
public sealed class ImageEmbeddingGeneratorTests : IDisposable
{
    private const float Tolerance = 1e-4f;
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(OnnxInput.Views, null)]
    [InlineData(OnnxInput.Views, 4)]
    [InlineData(OnnxInput.Uint8Nhwc, null)]
    [InlineData(OnnxInput.FloatNchw, null)]
    public async Task Photos_are_embedded_as_by_the_encoder_in_process(OnnxInput input, int? fixedBatch)
    {
        byte[][] photos = [.. Directory.GetFiles(TestData.Find("photos", "hat"), "*.jpg").Order().Take(5).Select(File.ReadAllBytes)];
        (string path, float[][] expected) = Export(new() { Input = input, BatchSize = fixedBatch }, photos);
        using var generator = new ImageEmbeddingGenerator(path, new() { BatchSize = 2 });

        var actual = await generator.GenerateAsync(photos.Select(Content), cancellationToken: Token);

        AssertNear(expected, actual);
    }

    [Fact]
    public async Task Grey_transparent_turned_and_small_images_are_embedded_alike()
    {
        byte[][] images =
        [
            Pictures.Png(40, 57, 1), Pictures.Png(40, 57, 2), Pictures.Png(33, 32, 4), Pictures.Png(32, 32, 3), Pictures.Png(9, 70, 3),
            .. Enumerable.Range(1, 8).Select(Turned),
        ];
        (string path, float[][] expected) = Export(new(), images);
        using var generator = new ImageEmbeddingGenerator(path);

        AssertNear(expected, await generator.GenerateAsync(images.Select(Content), cancellationToken: Token));
    }

    [Fact]
    public async Task Grey_encoders_take_the_luminance()
    {
        byte[][] images = [Pictures.Png(40, 57, 1), Pictures.Png(40, 57, 3), Pictures.Png(64, 40, 4)];
        (string path, float[][] expected) = Export(new(), images, channels: 1);
        using var generator = new ImageEmbeddingGenerator(path);

        AssertNear(expected, await generator.GenerateAsync(images.Select(Content), cancellationToken: Token));
    }

    [Fact]
    public async Task Several_threads_share_one_generator_that_is_registered_in_one_line()
    {
        byte[][] images = [.. Enumerable.Range(0, 6).Select(seed => Pictures.Png(50, 40, 3, seed))];
        (string path, float[][] expected) = Export(new(), images);
        await using ServiceProvider services = new ServiceCollection().AddByolImageEmbeddings(path, o => o.BatchSize = 4).BuildServiceProvider();
        var generator = services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>();

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => generator.GenerateAsync(images.Select(Content), cancellationToken: Token)));

        Assert.All(results, actual => AssertNear(expected, actual));
        Assert.Equal(64, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        Assert.Same(generator, services.GetRequiredService<IEmbeddingGenerator<DataContent, Embedding<float>>>());
    }

    [Fact]
    public async Task Normalised_embeddings_have_length_1()
    {
        byte[][] images = [Pictures.Png(50, 40, 3)];
        (string path, float[][] expected) = Export(new(), images);
        using var generator = new ImageEmbeddingGenerator(path, new() { Normalise = true });

        float[] actual = (await generator.GenerateAsync(images.Select(Content), cancellationToken: Token)).Single().Vector.ToArray();

        float length = MathF.Sqrt(expected[0].Sum(v => v * v));
        Assert.Equal(1, actual.Sum(v => v * v), 1e-5f);
        Assert.All(expected[0].Zip(actual), pair => Assert.Equal(pair.First / length, pair.Second, Tolerance));
    }

    [Fact]
    public async Task Bad_images_are_named_counted_and_refused()
    {
        byte[] good = Pictures.Png(50, 40, 3);
        (string path, _) = Export(new(), [good]);
        var counts = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) => { if (instrument.Meter.Name == EmbeddingMetrics.MeterName) { l.EnableMeasurementEvents(instrument); } },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => counts.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value));
        listener.Start();
        using var generator = new ImageEmbeddingGenerator(path, new() { MaxPixels = 50 * 40 });

        await generator.GenerateAsync([Content(good), Content(good)], cancellationToken: Token);
        string notImage = await Refusal("no image"u8.ToArray()), cut = await Refusal(good[..(good.Length / 2)]), large = await Refusal(Pictures.Png(51, 40, 3));

        Assert.Equal("image 2 of 2: not an image (JPEG, PNG, WebP, GIF or BMP)", notImage);
        Assert.StartsWith("image 2 of 2: damaged image", cut);
        Assert.Equal("image 2 of 2: too large: 51 x 40 pixels, the limit is 2,000", large);
        Assert.True(counts["byolsharp.images"] >= 2 && counts["byolsharp.failures"] >= 3); // other tests embed beside this one

        async Task<string> Refusal(byte[] image) => (await Assert.ThrowsAsync<InvalidDataException>(
            () => generator.GenerateAsync([Content(good), Content(image)], cancellationToken: Token))).Message;
    }

    [Fact]
    public async Task Cancelling_stops_the_work()
    {
        byte[] image = Pictures.Png(50, 40, 3);
        (string path, _) = Export(new(), [image]);
        using var generator = new ImageEmbeddingGenerator(path, new() { BatchSize = 1 });
        using var cancellation = new CancellationTokenSource();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) => { if (instrument.Name == "byolsharp.images") { l.EnableMeasurementEvents(instrument); } },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => cancellation.Cancel());
        listener.Start();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => generator.GenerateAsync(Enumerable.Repeat(Content(image), 10_000), cancellationToken: cancellation.Token));
    }

    [Fact]
    public void The_package_needs_no_libtorch() =>
        Assert.DoesNotContain(typeof(ImageEmbeddingGenerator).Assembly.GetReferencedAssemblies(), a => a.Name is "TorchSharp" or "ByolSharp");

    private static DataContent Content(byte[] image) => new(image, "image/jpeg");

    /// <summary>An encoder as a file, and what it makes of images in process.</summary>
    private (string Path, float[][] Expected) Export(OnnxExportOptions export, byte[][] images, int channels = 3)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        var metadata = channels == 3 ? new EncoderMetadata { ImageSize = 32 } : new() { ImageSize = 32, Mean = [0.4], Std = [0.3] };
        var options = new BackboneOptions { Name = "resnet8", ImageSize = 32, InputChannels = channels };
        using Backbone network = BackboneFactory.Create(options, seed: 3);
        network.eval();
        string path = _folder.Of("encoder.onnx");
        OnnxFile.Save(path, network, options, metadata, channels, export);
        var transform = new EvalTransform(new ImageViewOptions { Mean = [.. metadata.Mean], Std = [.. metadata.Std] }, 32, channels);
        return (path, [.. images.Select(image =>
        {
            var view = new float[transform.ViewLength];
            transform.Apply(ImageChannels.Convert(ImageDecoder.Default.Decode(image), channels), view);
            return network.call(tensor(view, [1, channels, 32, 32])).data<float>().ToArray();
        })]);
    }

    private static void AssertNear(float[][] expected, GeneratedEmbeddings<Embedding<float>> actual)
    {
        Assert.Equal(expected.Length, actual.Count);
        Assert.All(expected.Zip(actual), pair =>
            Assert.InRange(pair.First.Zip(pair.Second.Vector.ToArray(), (e, a) => Math.Abs(e - a)).Max(), 0, Tolerance));
    }

    /// <summary>A JPEG of a camera that was held in one of the eight ways of EXIF.</summary>
    private static byte[] Turned(int orientation)
    {
        using VipsImage held = Pictures.ToVips(Pictures.Make(48, 36, 3)).Mutate(m => m.Set(GValue.GIntType, "orientation", orientation));
        return held.JpegsaveBuffer(q: 90);
    }
}
