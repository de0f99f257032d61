using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Text;
using static TorchSharp.torch;

namespace ByolSharp.Cli;

/// <summary>Views of nothing in particular, on which two forms of one encoder are compared.</summary>
internal static class RandomViews
{
    private const int SmallestExtent = 2, FewestTokens = 4;

    /// <summary>Views as an encoder takes them; texts of several lengths, one of them the longest.</summary>
    /// <param name="options">Of the encoder.</param>
    /// <param name="metadata">Of the encoder.</param>
    /// <param name="count">Number of views.</param>
    /// <param name="scale">Size of images and clips, or length of texts, as a share of the trained one.</param>
    internal static Tensor Of(BackboneOptions options, EncoderMetadata metadata, int count, double scale = 1) => metadata switch
    {
        { Text: { } text } => Texts(text.Options, count, scale),
        { Video: { } video } => randn([count, options.InputChannels, Scaled(video.Frames, scale), Scaled(metadata.ImageSize, scale), Scaled(metadata.ImageSize, scale)]),
        _ => randn(count, options.InputChannels, Scaled(metadata.ImageSize, scale), Scaled(metadata.ImageSize, scale)),
    };

    /// <summary>A share of an extent.</summary>
    internal static int Scaled(int extent, double scale) => Math.Max(Math.Min(extent, SmallestExtent), (int)(extent * scale));

    private static Tensor Texts(TextOptions options, int count, double scale)
    {
        int most = Math.Max(FewestTokens, (int)(options.MaxTokens * scale));
        var views = new float[count * TextLayout.LengthFor(most)];
        for (int i = 0; i < count; i++)
        {
            int length = i == 0 ? most : Random.Shared.Next(1, most + 1);
            int[] tokens = [.. Enumerable.Range(0, length).Select(_ => Random.Shared.Next(options.VocabularySize))];
            TextLayout.Write(views.AsSpan(i * TextLayout.LengthFor(most), TextLayout.LengthFor(most)), tokens);
        }
        return tensor(views, [count, TextLayout.LengthFor(most)]);
    }
}
