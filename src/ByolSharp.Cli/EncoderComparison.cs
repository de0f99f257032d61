using ByolSharp.Export;
using ByolSharp.Export.Onnx;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Onnx;
using ByolSharp.Text;
using static TorchSharp.torch;

namespace ByolSharp.Cli;

/// <summary>How near an exported encoder comes to the one in process.</summary>
/// <param name="Difference">The largest difference between two values; infinite where one is not a number.</param>
/// <param name="LargestValue">The largest value of a representation.</param>
/// <param name="Cosine">The smallest cosine similarity of two representations.</param>
internal sealed record EncoderComparison(double Difference, double LargestValue, double Cosine)
{
    private const int SeveralSamples = 7;
    private const double HalfOf = 0.5, MostOf = 0.75;

    /// <summary>Runs an ONNX file on random input of one and of several samples and of several sizes or lengths, as far as it takes them, beside the encoder itself.</summary>
    internal static EncoderComparison Of(
        string file, Backbone backbone, BackboneOptions options, EncoderMetadata metadata, OnnxExportOptions export, IProgress<(int Done, int Total)> progress)
    {
        bool isAnySize = export.Input != OnnxInput.Views || export.AnySize && !BackboneFactory.HasFixedSize(options.Name);
        int one = export.BatchSize ?? 1, several = export.BatchSize ?? SeveralSamples;
        (int Batch, double Scale)[] rounds = isAnySize ? [(one, 1), (one, HalfOf), (several, MostOf)] : [(one, 1), (several, 1)];
        if (metadata.Text is not null)
        {
            using var texts = new OnnxTextEncoder(file);
            return Over(rounds, progress, (batch, scale) => OnTexts(texts, backbone, RandomViews.Of(options, metadata, batch, scale)));
        }
        using var encoder = new OnnxEncoder(file);
        return Over(rounds, progress, (batch, scale) => export.Input == OnnxInput.Views
            ? OnViews(encoder, backbone, RandomViews.Of(options, metadata, batch, scale))
            : OnImages(encoder, backbone, metadata, batch, RandomViews.Scaled(metadata.ImageSize, scale), RandomViews.Scaled(metadata.ImageSize, scale * 4 / 3)));
    }

    /// <summary>How near representations come to what they should be.</summary>
    internal static EncoderComparison Of(Tensor expected, Tensor actual)
    {
        float off = (actual - expected).abs().max().item<float>();
        return new(
            float.IsNaN(off) ? double.PositiveInfinity : off, // which is not within any tolerance
            expected.abs().max().item<float>(),
            nn.functional.cosine_similarity(actual, expected, dim: 1).min().item<float>());
    }

    private static EncoderComparison Over(
        (int Batch, double Scale)[] rounds, IProgress<(int Done, int Total)> progress, Func<int, double, (Tensor Expected, Tensor Actual)> run)
    {
        var worst = new EncoderComparison(0, 0, 1);
        for (int i = 0; i < rounds.Length; i++)
        {
            using var scope = NewDisposeScope();
            var (expected, actual) = run(rounds[i].Batch, rounds[i].Scale);
            var one = Of(expected, actual);
            worst = new(
                Math.Max(worst.Difference, one.Difference), Math.Max(worst.LargestValue, one.LargestValue), Math.Min(worst.Cosine, one.Cosine));
            progress.Report((i + 1, rounds.Length));
        }
        return worst;
    }

    private static (Tensor Expected, Tensor Actual) OnTexts(OnnxTextEncoder encoder, Backbone backbone, Tensor views)
    {
        float[][] texts = [.. views.data<float>().ToArray().Chunk((int)views.shape[1])];
        int length = texts[0].Length - TextLayout.Header;
        long[] ids = new long[texts.Length * length], mask = new long[texts.Length * length];
        foreach (var (row, text) in texts.Index())
        {
            foreach (var (place, token) in TextLayout.TokensOf(text).Index())
            {
                (ids[row * length + place], mask[row * length + place]) = (token, 1);
            }
        }
        return (backbone.call(views), tensor(encoder.Run(ids, mask, [texts.Length, length]), [texts.Length, encoder.RepresentationSize]));
    }

    private static (Tensor Expected, Tensor Actual) OnViews(OnnxEncoder encoder, Backbone backbone, Tensor views) =>
        (backbone.call(views), tensor(encoder.Run<float>([.. views.data<float>()], views.shape), [views.shape[0], encoder.RepresentationSize]));

    private static (Tensor Expected, Tensor Actual) OnImages(
        OnnxEncoder encoder, Backbone backbone, EncoderMetadata metadata, int batch, int height, int width)
    {
        var transform = new EvalTransform(
            new ImageViewOptions { Mean = [.. metadata.Mean], Std = [.. metadata.Std] }, metadata.ImageSize, encoder.Channels);
        var images = randint(0, byte.MaxValue + 1, [batch, height, width, encoder.Channels], ScalarType.Byte);
        var views = new float[batch * transform.ViewLength];
        for (int i = 0; i < batch; i++)
        {
            using var pixels = images[i].clone();
            transform.Apply(new Image(width, height, encoder.Channels, pixels.bytes.ToArray()), views.AsSpan(i * transform.ViewLength, transform.ViewLength));
        }
        var expected = backbone.call(tensor(views, [batch, encoder.Channels, metadata.ImageSize, metadata.ImageSize]));
        var input = encoder.IsChannelsLast ? images : images.permute(0, 3, 1, 2).contiguous();
        float[] actual = encoder.TakesBytes
            ? encoder.Run<byte>(input.bytes.ToArray(), input.shape)
            : encoder.Run<float>([.. input.to_type(ScalarType.Float32).data<float>()], input.shape);
        return (expected, tensor(actual, [batch, encoder.RepresentationSize]));
    }
}
