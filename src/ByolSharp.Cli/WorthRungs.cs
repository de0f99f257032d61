using System.Security.Cryptography;
using ByolSharp.Evaluation;
using ByolSharp.Evaluation.FewLabels;
using ByolSharp.Export;
using ByolSharp.Sources;
using ByolSharp.Text;
using ByolSharp.Video;

namespace ByolSharp.Cli;

/// <summary>The rungs of <c>byol worth</c>, from raw pixels to the fine-tuned encoder.</summary>
/// <param name="ours">Run directories or encoder files; repetition i takes the i-th, and starts over after the last.</param>
/// <param name="train">Training data.</param>
/// <param name="test">Test data.</param>
internal sealed class WorthRungs(IReadOnlyList<string> ours, Dataset train, Dataset test)
{
    private const int PixelSide = 32;
    private readonly string[] _files = [.. ours.Select(EncoderFile.PathIn)];

    /// <summary>An encoder of somebody else, from our file or, with a backbone's name, from one that Python wrote.</summary>
    internal (string File, string? Backbone)? Imported { get; init; }

    /// <summary>Side of the views, where not as trained.</summary>
    internal int? ImageSize { get; init; }

    /// <summary>How networks are trained on labels.</summary>
    internal required FineTuneOptions Training { get; init; }

    /// <summary>Steps of a second, longer training from scratch; null for none.</summary>
    internal long? ScratchSteps { get; init; }

    /// <summary>All rungs, in the order of the table.</summary>
    internal IReadOnlyList<LadderRung> All()
    {
        var first = Load(0);
        first.Backbone.Dispose();
        string network = OptionsJson.ToTree(first.Options).ToJsonString() + OptionsJson.ToTree(first.Metadata).ToJsonString();
        var longer = Training with { Lengths = [Duration.OfSteps(ScratchSteps ?? 0)] };
        return
        [
            train is TextDataset texts
                ? new FrozenRung("words", "TF-IDF", RungRole.Reference, _ => Words(texts), _ => "tf-idf")
                : new FrozenRung("pixels", train is VideoDataset ? "raw pixels of the middle frame, PCA" : "raw pixels, PCA", RungRole.Reference, _ => Network(Pixels(first)), _ => network),
            new FrozenRung("random", "random encoder, frozen", RungRole.Reference, seed => Network(Settled(first, seed)), seed => $"{network} {seed}"),
            new TrainedRung("scratch", $"from scratch, {Text(Training)}", RungRole.FromScratch, seed => Network(Random(first, seed)), _ => network, Training),
            .. ScratchSteps is null ? (LadderRung[])[] :
                [new TrainedRung("scratch-long", $"from scratch, {Text(longer)}", RungRole.FromScratch, seed => Network(Random(first, seed)), _ => network, longer)],
            .. Imported is not { } given ? (LadderRung[])[] :
                [new FrozenRung("imported", $"{Path.GetFileNameWithoutExtension(given.File)}, frozen", RungRole.Reference, _ => Network(Import(given)), _ => $"{Hash(given.File)} {given.Backbone} {ImageSize}")],
            new FrozenRung("frozen", "pre-trained, frozen", RungRole.Pretrained, seed => Network(Load(seed)), IdentityOf),
            new TrainedRung("finetuned", $"pre-trained, {Text(Training)}", RungRole.Pretrained, seed => Network(Load(seed)), IdentityOf, Training),
        ];
    }

    private static string Text(FineTuneOptions options) => FormattableString.Invariant($"{options.Lengths[0].Value:N0} steps");

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private string FileOf(long seed) => _files[(int)(seed % _files.Length)];

    private string IdentityOf(long seed) => $"{Hash(FileOf(seed))} {ImageSize}";

    private Encoder Load(long seed) => Sized(Encoder.Load(FileOf(seed)));

    private Encoder Sized(Encoder encoder) =>
        encoder with { Metadata = encoder.Metadata with { ImageSize = ImageSize ?? encoder.Metadata.ImageSize } };

    private LabelledNetwork Network(Encoder encoder) => new(encoder.Backbone, encoder.TrainingSource(train), encoder.Source(test));

    /// <summary>The same network with weights of a seed.</summary>
    private static Encoder Random(Encoder like, long seed) => Encoder.Random(like.Name, like.Options, like.Metadata, seed);

    private Encoder Settled(Encoder like, long seed)
    {
        var encoder = Random(like, seed);
        encoder.Settle(train, seed);
        return encoder;
    }

    private Encoder Pixels(Encoder like)
    {
        var small = like with { Metadata = like.Metadata with { ImageSize = Math.Min(PixelSide, like.Metadata.ImageSize), Video = like.Metadata.Video is null ? null : Encoder.MiddleFrame } };
        return small with { Backbone = PrincipalComponentsBackbone.Fit(small.Source(train)) };
    }

    private LabelledNetwork Words(TextDataset texts)
    {
        var encoder = Encoder.OfWords(texts, terms: null, pairs: false);
        return new(encoder.Backbone, new Unchanging(encoder.Source(train)), encoder.Source(test));
    }

    private Encoder Import((string File, string? Backbone) from) => from.Backbone is { } network
        ? Encoder.Import(EncoderFile.PathIn(from.File), network, train, ImageSize)
        : Sized(Encoder.Load(from.File));

    /// <summary>Words have no views that change with chance, and their rung asks for none.</summary>
    private sealed class Unchanging(IEvalSource plain) : TrainingSource(plain)
    {
        public override IViewSource Augmented(IReadOnlyList<int> samples, long seed) => throw new NotSupportedException();
    }
}
