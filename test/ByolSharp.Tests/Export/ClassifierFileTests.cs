using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Tests.Images.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Export;

public sealed class ClassifierFileTests : IDisposable
{
    private static readonly BackboneOptions Small = new() { Name = "resnet18", ImageSize = 16, WidthMultiplier = 0.125 };
    private static readonly LinearClassifier Head = new([.. Enumerable.Range(0, 128).Select(i => i / 7f)], [0.5f, -2], ["cat", "dog \"x\""]);
    private readonly TempFolder _folder = new();

    private string FilePath => _folder.Of("classifier.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_reloaded_classifier_has_the_same_bits_and_classes()
    {
        using IDisposable scope = NewDisposeScope(), noGradients = no_grad();
        using Backbone encoder = BackboneFactory.Create(Small, seed: 3);
        encoder.eval();
        ClassifierFile.Save(FilePath, encoder, Small, new() { ImageSize = 16 }, Head);

        var (reloaded, options, metadata, classifier) = ClassifierFile.Load(FilePath);

        Assert.Equal((Small, 16), (options, metadata.ImageSize));
        Assert.Equal(Head.Weights.ToArray(), classifier.Weights.ToArray());
        Assert.Equal(Head.Bias.ToArray(), classifier.Bias.ToArray());
        Assert.Equal(Head.ClassNames, classifier.ClassNames);
        var views = Networks.Views(2, 16);
        Assert.Equal(Networks.Bits(encoder.call(views)), Networks.Bits(reloaded.call(views)));
        reloaded.Dispose();
    }

    [Fact]
    public void Keys_are_torchvisions_with_its_name_of_the_classifier()
    {
        using Backbone encoder = BackboneFactory.Create(Small);
        ClassifierFile.Save(FilePath, encoder, Small, new(), Head);
        SafeTensorsHeader header = SafeTensors.ReadHeader(FilePath);

        Assert.Equal(encoder.state_dict().Keys.Append("fc.weight").Append("fc.bias").Order(), header.Entries.Select(e => e.Name).Order());
        Assert.Equal([2, 64], header.Entries.Single(e => e.Name == "fc.weight").Shape);
        Assert.Equal([2], header.Entries.Single(e => e.Name == "fc.bias").Shape);
        Assert.Equal("pt", header.Metadata["format"]);
    }

    [Fact]
    public void Its_encoder_is_read_as_an_encoder_file()
    {
        using Backbone encoder = BackboneFactory.Create(Small, seed: 3);
        ClassifierFile.Save(FilePath, encoder, Small, new(), Head);
        var (reloaded, _, _) = EncoderFile.Load(FilePath);

        Assert.All(encoder.state_dict(), e => Assert.Equal(Networks.Bits(e.Value), Networks.Bits(reloaded.state_dict()[e.Key])));
        reloaded.Dispose();
    }

    [Fact]
    public void An_encoder_alone_or_a_layer_of_another_size_is_no_classifier()
    {
        using Backbone encoder = BackboneFactory.Create(Small);
        EncoderFile.Save(FilePath, encoder, Small, new());
        Assert.Contains("'byolsharp.classes' is missing", Assert.Throws<StorageException>(() => ClassifierFile.Load(FilePath)).Message, StringComparison.Ordinal);

        ClassifierFile.Save(FilePath, encoder, Small, new(), new(new float[6], new float[2], ["a", "b"]));
        Assert.Contains("lacks fc.weight [2, 64]", Assert.Throws<StorageException>(() => ClassifierFile.Load(FilePath)).Message, StringComparison.Ordinal);
    }
}
