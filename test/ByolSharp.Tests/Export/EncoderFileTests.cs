using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Images.Backbones;
using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export;

public sealed class EncoderFileTests : IDisposable
{
    private static readonly BackboneOptions Small = new() { Name = "resnet8", ImageSize = 16, WidthMultiplier = 0.5 };
    private readonly string _folder = Directory.CreateTempSubdirectory("byolsharp").FullName;

    private string FilePath => Path.Combine(_folder, "encoder.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<BackboneOptions> Encoders => new(
        new BackboneOptions { Name = "resnet18", ImageSize = 16, WidthMultiplier = 0.25, InputChannels = 1, Initialization = InitializationScheme.Kaiming },
        new BackboneOptions { Name = "resnet50", ImageSize = 16, WidthMultiplier = 0.125, ZeroGamma = false, Stem = StemKind.Small },
        new BackboneOptions { Name = "resnet20", ImageSize = 16, Norm = NormKind.Group, Shortcut = ShortcutKind.Projection },
        new BackboneOptions { Name = "vit-tiny", ImageSize = 16, PatchSize = 8, Pooling = TokenPooling.Mean, FreezePatchEmbedding = false });

    [Theory]
    [MemberData(nameof(Encoders))]
    public void A_reloaded_encoder_gives_the_same_bits(BackboneOptions options)
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone backbone = BackboneFactory.Create(options, seed: 4);
        Tensor views = Networks.Views(3, options.ImageSize, options.InputChannels);
        backbone.call(views); // running statistics that are not the initial ones
        backbone.eval();
        EncoderMetadata metadata = new() { ImageSize = 16, Mean = [0.5], Std = [0.25] };

        EncoderFile.Save(FilePath, backbone, options, metadata);
        (Backbone reloaded, BackboneOptions readOptions, EncoderMetadata readMetadata) = EncoderFile.Load(FilePath);

        Assert.Equal(options, readOptions);
        Assert.Equal((16, 0.5, 0.25), (readMetadata.ImageSize, readMetadata.Mean.Single(), readMetadata.Std.Single()));
        Assert.False(reloaded.training);
        Assert.Equal(Networks.Bits(backbone.call(views)), Networks.Bits(reloaded.call(views)));
        reloaded.Dispose();
    }

    [Fact]
    public void A_checkpoint_is_read_as_its_online_encoder()
    {
        using var scope = NewDisposeScope();
        using var data = new GeneratedImages(new() { Count = 32 });
        using var run = RunDirectory.Open(Path.Combine(_folder, "run"), ExistingRun.Refuse);
        Pretraining.Run(SmallRun.Options(), run, data, cancellation: TestContext.Current.CancellationToken);
        var (encoder, options, metadata) = EncoderFile.Load(EncoderFile.PathIn(Path.Combine(run.Checkpoints, "last")));
        var (expected, expectedOptions, expectedMetadata) = EncoderFile.Load(run.Encoder);

        Assert.Equal(expectedOptions, options);
        Assert.Equal(expectedMetadata.ImageSize, metadata.ImageSize);
        Assert.Equal(expectedMetadata.Mean, metadata.Mean);
        Assert.All(expected.state_dict(), entry => Assert.Equal(Networks.Bits(entry.Value), Networks.Bits(encoder.state_dict()[entry.Key])));
        encoder.Dispose();
        expected.Dispose();
    }

    [Fact]
    public void Keys_are_those_of_the_network_without_any_prefix()
    {
        using Backbone backbone = BackboneFactory.Create(Small);

        EncoderFile.Save(FilePath, backbone, Small, new());
        SafeTensorsHeader header = SafeTensors.ReadHeader(FilePath);

        Assert.Equal(backbone.state_dict().Keys.Order(), header.Entries.Select(e => e.Name).Order());
        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Contains("\"name\":\"resnet8\"", header.Metadata["byolsharp.backbone"]);
        Assert.Contains("\"norm\":\"batch\"", header.Metadata["byolsharp.backbone"]);
        SafeTensorsEntry count = header.Entries.Single(e => e.Name == "bn1.num_batches_tracked");
        Assert.Equal((ScalarType.Int64, 0), (count.Type, count.Shape.Count));
    }

    [Fact]
    public void Weights_in_a_flat_buffer_with_channels_innermost_are_stored_alike()
    {
        using Backbone backbone = BackboneFactory.Create(Small);
        EncoderFile.Save(FilePath, backbone, Small, new());
        byte[] expected = File.ReadAllBytes(FilePath);

        using Tensor flat = Networks.Flatten(backbone);
        EncoderFile.Save(FilePath, backbone, Small, new());

        Assert.Equal(expected, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void Loading_weights_fills_the_parameters_where_they_lie()
    {
        using Backbone source = BackboneFactory.Create(Small, seed: 1), target = BackboneFactory.Create(Small, seed: 2);
        EncoderFile.Save(FilePath, source, Small, new());
        using Tensor flat = Networks.Flatten(target);
        float before = flat[0].item<float>();

        EncoderFile.LoadWeights(FilePath, target);

        Assert.NotEqual(before, flat[0].item<float>());
        Assert.All(source.state_dict(), entry => Assert.Equal(Networks.Bits(entry.Value), Networks.Bits(target.state_dict()[entry.Key])));
    }

    [Fact]
    public void Missing_unexpected_and_misshaped_tensors_are_listed_and_nothing_is_changed()
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone backbone = BackboneFactory.Create(Small);
        IEnumerable<(string, Tensor)> tensors = backbone.state_dict().Where(e => e.Key != "bn1.bias").Select(e => (e.Key, e.Key == "conv1.weight" ? zeros(8, 1, 3, 3) : e.Value + 1));
        SafeTensors.Write(FilePath, [.. tensors, ("fc.weight", zeros(2)), ("fc.bias", zeros(2))]);
        byte[] before = Networks.Bits(backbone.get_parameter("bn1.weight")!);

        string message = Assert.Throws<StorageException>(() => EncoderFile.LoadWeights(FilePath, backbone)).Message;

        Assert.EndsWith("does not fit a resnet8: 1 missing (bn1.bias); 2 unexpected (fc.weight, fc.bias); " +
            "1 of another shape (conv1.weight [8, 1, 3, 3] instead of [8, 3, 3, 3])", message);
        Assert.Equal(before, Networks.Bits(backbone.get_parameter("bn1.weight")!));
    }

    [Fact]
    public void A_classifier_may_be_left_out_and_batch_counts_may_be_absent()
    {
        using IDisposable scope = NewDisposeScope();
        using Backbone source = BackboneFactory.Create(Small, seed: 1), target = BackboneFactory.Create(Small, seed: 2);
        SafeTensors.Write(FilePath,
            [.. source.state_dict().Where(e => !e.Key.EndsWith("num_batches_tracked")).Select(e => (e.Key, e.Value)), ("fc.weight", zeros(2))]);

        EncoderFile.LoadWeights(FilePath, target, allowUnexpected: true);

        Assert.All(source.named_parameters(), p => Assert.Equal(Networks.Bits(p.parameter), Networks.Bits(target.get_parameter(p.name)!)));
    }

    [Theory]
    [InlineData(null, "does not say what it is")]
    [InlineData("{", "does not understand")]
    [InlineData("null", "does not understand")]
    [InlineData("""{"name":null}""", "does not understand")]
    [InlineData("""{"name":"resnet8","flux":1}""", "does not understand")]
    [InlineData("""{"name":"resnet9"}""", "did you mean 'resnet8'?")]
    [InlineData("""{"name":"resnet8"}""", "does not fit a resnet8")]
    public void A_file_that_does_not_describe_an_encoder_is_refused(string? backbone, string reason)
    {
        using Tensor value = zeros(1);
        var metadata = new Dictionary<string, string> { ["byolsharp.encoder"] = "{}" };
        if (backbone is not null)
        {
            metadata["byolsharp.backbone"] = backbone;
        }
        SafeTensors.Write(FilePath, [("a", value)], metadata);

        string message = Assert.Throws<StorageException>(() => EncoderFile.Load(FilePath)).Message;

        Assert.Contains(reason, message);
        Assert.DoesNotContain('\n', message);
    }
}
