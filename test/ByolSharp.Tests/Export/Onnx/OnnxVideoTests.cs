using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images.Backbones;
using ByolSharp.Video.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export.Onnx;

/// <summary>As <see cref="OnnxFileTests"/>, for the networks over clips.</summary>
public sealed class OnnxVideoTests : IDisposable
{
    private const float Tolerance = 1e-4f;
    private static readonly EncoderMetadata Metadata = new() { ImageSize = 32, Video = new() { Frames = 4 } };
    private readonly TempFolder _folder = new();

    private string FilePath => _folder.Of("encoder.onnx");

    public static TheoryData<string> Names => new(VideoBackbones.Names);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_backbone_is_alike_for_any_batch_length_and_size(string name) => AssertAlike(new() { Name = name, WidthMultiplier = 0.125 });

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Names))]
    public void Every_backbone_is_alike_at_its_full_width(string name) => AssertAlike(new() { Name = name });

    [Fact]
    public void Half_precision_bytes_and_fixed_extents_are_exported_too()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        var options = new BackboneOptions { Name = "r2plus1d_8" };
        using Backbone network = Settled(options);
        Tensor views = Clips(2, 4, 32), expected = network.call(views);
        foreach (var (precision, near) in new[] { (OnnxPrecision.Half, 2e-2f), (OnnxPrecision.Int8, 0.1f) })
        {
            OnnxFile.Save(FilePath, network, options, Metadata, 3, new() { Precision = precision, BatchSize = 2, AnySize = false });
            using var encoder = new OnnxEncoder(FilePath);

            Assert.Equal((2, 4, 3, 32), (encoder.MaxBatchSize, encoder.Frames, encoder.Channels, encoder.ImageSize));
            Assert.InRange(Difference(encoder, views, expected), 1e-7f, near * Math.Max(1, expected.abs().max().item<float>()));
            Assert.ThrowsAny<Exception>(() => encoder.Run(new float[2 * 3 * 5 * 32 * 32], [2, 3, 5, 32, 32], TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Images_in_the_graph_and_a_generator_of_images_are_refused()
    {
        var options = new BackboneOptions { Name = "r2plus1d_8" };
        using Backbone network = VideoBackbones.Build(options);

        Assert.Contains("takes clips", Assert.Throws<ConfigurationException>(
            () => OnnxFile.Save(FilePath, network, options, Metadata, 3, new() { Input = OnnxInput.Uint8Nhwc })).Message, StringComparison.Ordinal);
        OnnxFile.Save(FilePath, network, options, Metadata, 3, new());
        Assert.Contains("clips of videos", Assert.Throws<NotSupportedException>(() => new ImageEmbeddingGenerator(FilePath)).Message, StringComparison.Ordinal);
    }

    private void AssertAlike(BackboneOptions options)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = Settled(options);
        OnnxFile.Save(FilePath, network, options, Metadata, 3, new());
        using var encoder = new OnnxEncoder(FilePath);

        Assert.Equal((network.RepresentationSize, true, 4), (encoder.RepresentationSize, encoder.TakesViews, encoder.Frames));
        foreach (var (batch, frames, size) in new[] { (1, 4, 32), (7, 4, 32), (1, 7, 25), (7, 7, 25) })
        {
            Tensor views = Clips(batch, frames, size);
            Tensor expected = network.call(views);
            Assert.InRange(Difference(encoder, views, expected), 0, Tolerance);
        }
    }

    private static Backbone Settled(BackboneOptions options)
    {
        Backbone network = VideoBackbones.Create(options, seed: 3);
        // Enough of them that the last layers, which see them much reduced, get statistics that fit other sizes too.
        using Tensor clips = Clips(8, 8, 64);
        Networks.Settle(network, clips);
        return network;
    }

    private static Tensor Clips(int count, int frames, int size)
    {
        var random = new SampleRandom(5, size);
        return tensor([.. Enumerable.Range(0, count * 3 * frames * size * size).Select(_ => (float)random.NextNormal())], [count, 3, frames, size, size]);
    }

    private static float Difference(OnnxEncoder encoder, Tensor views, Tensor expected) =>
        Networks.LargestDifference(expected, tensor(encoder.Run(views.data<float>().ToArray(), views.shape), expected.shape));
}
