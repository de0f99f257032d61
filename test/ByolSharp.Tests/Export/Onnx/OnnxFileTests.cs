using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Tests.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export.Onnx;

/// <summary>Every exported network is run by ONNX Runtime, an implementation that is not ours, beside the encoder in process.</summary>
public sealed class OnnxFileTests : IDisposable
{
    private const float Tolerance = 1e-4f;
    private static readonly EncoderMetadata Metadata = new() { ImageSize = 32 };
    private readonly TempFolder _folder = new();

    private string FilePath => _folder.Of("encoder.onnx");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<BackboneOptions> Encoders => new(
        new BackboneOptions { Name = "resnet18", ImageSize = 64, WidthMultiplier = 0.25 },
        new BackboneOptions { Name = "resnet18", ImageSize = 32, WidthMultiplier = 0.25, InputChannels = 1 },
        new BackboneOptions { Name = "resnet34", ImageSize = 32, WidthMultiplier = 0.125, Stem = StemKind.Strided },
        new BackboneOptions { Name = "resnet50", ImageSize = 32, WidthMultiplier = 0.25, Norm = NormKind.Group },
        new BackboneOptions { Name = "resnet8", Norm = NormKind.Group, InputChannels = 5 },
        new BackboneOptions { Name = "resnet8", Stem = StemKind.ImageNet },
        new BackboneOptions { Name = "resnet8-strided" },
        new BackboneOptions { Name = "resnet20", Shortcut = ShortcutKind.ZeroPad },
        new BackboneOptions { Name = "resnet20", Shortcut = ShortcutKind.Projection, WidthMultiplier = 1.5 });

    public static TheoryData<string> Names => new(BackboneFactory.Names);

    [Theory]
    [MemberData(nameof(Encoders))]
    public void ONNX_Runtime_gives_the_representations_of_the_encoder_for_any_batch_and_size(BackboneOptions options) =>
        AssertAlike(options, [32, 41]);

    [Theory]
    [InlineData(32, null, TokenPooling.Cls, false)]
    [InlineData(48, 16, TokenPooling.Mean, false)]
    [InlineData(48, 16, TokenPooling.Mean, true)]
    public void Transformers_are_alike_at_the_size_that_they_were_made_for(int size, int? patch, TokenPooling pooling, bool newOperators) =>
        AssertAlike(
            new BackboneOptions { Name = "vit-tiny", ImageSize = size, PatchSize = patch, Pooling = pooling }, [size],
            new() { Opset = newOperators ? OnnxExportOptions.MaxOpset : OnnxExportOptions.MinOpset });

    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Names))]
    public void Every_backbone_is_alike_at_its_full_width(string name)
    {
        int[] sizes = name.StartsWith("vit-", StringComparison.Ordinal) ? [32, 64] : [32];
        foreach (int size in sizes)
        {
            AssertAlike(new BackboneOptions { Name = name, ImageSize = size }, sizes.Length > 1 ? [size] : [size, 64]);
        }
    }

    [Fact]
    public void Real_images_are_represented_alike_and_any_operator_version_will_do()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        byte[] records = File.ReadAllBytes(Path.Combine(TestData.Find("cifar10", "test"), "test_batch.bin"));
        float[] pixels = [.. records.Chunk(3073).Take(7).SelectMany(record => record.Skip(1)).Select(value => (value / 255f - 0.47f) / 0.25f)];
        Tensor views = tensor(pixels, [7, 3, 32, 32]);
        using Backbone network = Settled(new() { Name = "resnet20" });
        for (int opset = OnnxExportOptions.MinOpset; opset <= OnnxExportOptions.MaxOpset; opset++)
        {
            Save(network, new() { Opset = opset });
            using var encoder = new OnnxEncoder(FilePath);

            Assert.InRange(Difference(network, encoder, views), 0, Tolerance);
        }
    }

    [Theory]
    [InlineData(OnnxInput.Uint8Nhwc, 32, 32, 3)]
    [InlineData(OnnxInput.Uint8Nhwc, 160, 213, 3)]
    [InlineData(OnnxInput.Uint8Nchw, 75, 40, 3)]
    [InlineData(OnnxInput.FloatNhwc, 20, 24, 3)]
    [InlineData(OnnxInput.FloatNchw, 33, 32, 1)]
    [InlineData(OnnxInput.Uint8Nchw, 37, 37, 1)]
    public void Images_are_resized_cropped_and_normalised_in_the_graph_as_by_EvalTransform(OnnxInput input, int height, int width, int channels)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        EncoderMetadata metadata = channels == 3 ? Metadata : Metadata with { Mean = [0.4], Std = [0.3] };
        var options = new BackboneOptions { Name = "resnet8", ImageSize = 32, InputChannels = channels };
        using Backbone network = Settled(options);
        OnnxFile.Save(FilePath, network, options, metadata, channels, new() { Input = input });
        using var encoder = new OnnxEncoder(FilePath);
        var transform = new EvalTransform(new ImageViewOptions { Mean = [.. metadata.Mean], Std = [.. metadata.Std] }, 32, channels);
        var random = new SampleRandom(3, height);
        byte[] pixels = [.. Enumerable.Range(0, 2 * height * width * channels).Select(_ => (byte)random.NextInt(256))];
        var views = new float[2 * transform.ViewLength];
        int length = pixels.Length / 2;
        for (int i = 0; i < 2; i++)
        {
            transform.Apply(new Image(width, height, channels, pixels[(i * length)..((i + 1) * length)]), views.AsSpan(i * transform.ViewLength, transform.ViewLength));
        }
        Tensor images = tensor(pixels, [2, height, width, channels]);

        images = encoder.IsChannelsLast ? images : images.permute(0, 3, 1, 2).contiguous();
        float[] actual = encoder.TakesBytes
            ? encoder.Run(images.bytes.ToArray(), images.shape, TestContext.Current.CancellationToken)
            : encoder.Run(images.to_type(ScalarType.Float32).data<float>().ToArray(), images.shape, TestContext.Current.CancellationToken);

        Assert.Equal((input is OnnxInput.Uint8Nhwc or OnnxInput.FloatNhwc, false, channels), (encoder.IsChannelsLast, encoder.TakesViews, encoder.Channels));
        Tensor expected = network.call(tensor(views, [2, channels, 32, 32]));
        Assert.InRange(Networks.LargestDifference(expected, tensor(actual, expected.shape)), 0, Tolerance);
    }

    [Theory]
    [InlineData("resnet20")]
    [InlineData("vit-tiny")]
    public void Half_precision_takes_half_of_the_space_and_stays_near(string name)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = Settled(new() { Name = name, ImageSize = 32 });
        Save(network, new());
        long single = new FileInfo(FilePath).Length;
        Save(network, new() { Precision = OnnxPrecision.Half });
        using var encoder = new OnnxEncoder(FilePath);
        Tensor views = Networks.Views(2, 32);

        Assert.InRange(new FileInfo(FilePath).Length, 0.4 * single, 0.65 * single);
        Assert.InRange(Difference(network, encoder, views), 1e-7f, 2e-2f * Math.Max(1, network.call(views).abs().max().item<float>()));
    }

    [Theory]
    [InlineData("resnet20")]
    [InlineData("vit-tiny")]
    public void Weights_as_bytes_take_a_quarter_of_the_space_and_point_the_same_way(string name)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = Settled(new() { Name = name, ImageSize = 32 });
        Save(network, new());
        long single = new FileInfo(FilePath).Length;
        Save(network, new() { Precision = OnnxPrecision.Int8 });
        using var encoder = new OnnxEncoder(FilePath);
        Tensor views = Networks.Views(7, 32), expected = network.call(views);

        Tensor actual = tensor(encoder.Run(views.data<float>().ToArray(), views.shape, TestContext.Current.CancellationToken), expected.shape);

        Assert.InRange(new FileInfo(FilePath).Length, 0.2 * single, 0.35 * single);
        Assert.InRange(nn.functional.cosine_similarity(actual, expected, dim: 1).min().item<float>(), 0.99f, 1.00001f);
        Assert.InRange(Networks.LargestDifference(actual, expected), 1e-5f, 0.1f * Math.Max(1, expected.abs().max().item<float>()));
    }

    [Fact]
    public void A_fixed_batch_and_size_are_what_the_file_asks_for()
    {
        using Backbone network = Settled(new() { Name = "resnet8" });
        Save(network, new() { BatchSize = 2, AnySize = false });
        using var encoder = new OnnxEncoder(FilePath);

        Assert.Equal((2, 64, 32), (encoder.MaxBatchSize, encoder.RepresentationSize, encoder.ImageSize));
        Assert.Equal(2 * 64, encoder.Run(new float[2 * 3 * 32 * 32], [2, 3, 32, 32], TestContext.Current.CancellationToken).Length);
        Assert.ThrowsAny<Exception>(() => encoder.Run(new float[3 * 32 * 32], [1, 3, 32, 32], TestContext.Current.CancellationToken));
        Assert.ThrowsAny<Exception>(() => encoder.Run(new float[2 * 3 * 40 * 40], [2, 3, 40, 40], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_layer_without_ONNX_form_a_wrong_opset_and_values_beyond_half_precision_are_refused()
    {
        using var noGradients = no_grad();
        using Backbone own = new TinyBackbone(), network = BackboneFactory.Create(new() { Name = "resnet8" });
        network.get_parameter("conv1.weight")!.mul_(1e6);

        Assert.Contains(nameof(IOnnxModule), Refusal(own, new()));
        Assert.Contains("17 to 22", Refusal(network, new() { Opset = 16 }));
        Assert.Contains("conv1.weight holds values that half precision cannot", Refusal(network, new() { Precision = OnnxPrecision.Half }));
        Assert.False(File.Exists(FilePath));

        string Refusal(Backbone backbone, OnnxExportOptions export) => Assert.Throws<ConfigurationException>(() => Save(backbone, export)).Message;
    }

    [Fact]
    public void A_file_that_is_no_encoder_of_ours_is_refused()
    {
        File.WriteAllText(FilePath, "no model");

        Assert.Throws<InvalidDataException>(() => new OnnxEncoder(FilePath));
        Assert.Throws<FileNotFoundException>(() => new OnnxEncoder(_folder.Of("absent.onnx")));
    }

    private void AssertAlike(BackboneOptions options, int[] sizes, OnnxExportOptions? export = null)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone network = Settled(options);
        OnnxFile.Save(FilePath, network, options, Metadata with { ImageSize = options.ImageSize }, options.InputChannels, export ?? new());
        using var encoder = new OnnxEncoder(FilePath);
        Assert.Equal((network.RepresentationSize, options.ImageSize), (encoder.RepresentationSize, encoder.ImageSize));
        foreach (int batch in (int[])[1, 7])
        {
            Assert.All(sizes, size =>
                Assert.InRange(Difference(network, encoder, Networks.Views(batch, size, options.InputChannels)), 0, Tolerance));
        }
    }

    private static Backbone Settled(BackboneOptions options)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        int size = options.ImageSize == 224 ? 32 : options.ImageSize;
        Backbone network = BackboneFactory.Create(options with { ImageSize = size }, seed: 3);
        Networks.Settle(network, Networks.Views(8, size, options.InputChannels));
        return network;
    }

    private void Save(Backbone network, OnnxExportOptions export) => OnnxFile.Save(FilePath, network, null, Metadata, 3, export);

    private static float Difference(Backbone network, OnnxEncoder encoder, Tensor views)
    {
        using IDisposable scope = NewDisposeScope();
        Tensor expected = network.call(views);
        float[] actual = encoder.Run(views.data<float>().ToArray(), views.shape);
        return Networks.LargestDifference(expected, tensor(actual, expected.shape));
    }
}
