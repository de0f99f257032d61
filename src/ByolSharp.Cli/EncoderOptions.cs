using System.CommandLine;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;

namespace ByolSharp.Cli;

/// <summary>Which encoder a command works with: of a run, of a file, a random one, or none at all (raw pixels).</summary>
internal sealed class EncoderOptions
{
    private readonly Option<string?> _run = new("--run") { Description = "The encoder of a run directory.", HelpName = "RUN" };
    private readonly Option<string?> _encoder = new("--encoder") { Description = "An encoder file: safetensors, or PyTorch weights (.pth) with --backbone.", HelpName = "FILE" };
    private readonly Option<string?> _backbone = new("--backbone") { Description = "The network of an encoder file that does not say it, such as resnet50." };
    private readonly Option<string?> _random = new("--random") { Description = "A random encoder, as a baseline: a backbone's name.", HelpName = "BACKBONE" };
    private readonly Option<bool> _pixels = new("--pixels") { Description = "Raw pixels instead of an encoder, as a baseline." };
    private readonly Option<int?> _imageSize = new("--image-size") { Description = "Side of the views in pixels; default: as trained, else 32 or 224 by the images." };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of a random encoder, of held-out parts and of subsets." };

    private IReadOnlyList<Option> _known = [];

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="withBaselines">Also a random encoder and raw pixels.</param>
    /// <param name="withPixels">False leaves raw pixels out, which have nothing to train.</param>
    internal void AddTo(Command command, bool withBaselines = true, bool withPixels = true)
    {
        Option[] baselines = withBaselines ? withPixels ? [_random, _pixels, _seed] : [_random, _seed] : [];
        _known = [_run, _encoder, .. baselines.Where(b => b != _seed)];
        foreach (Option option in (Option[])[_run, _encoder, _backbone, .. baselines, _imageSize])
        {
            command.Options.Add(option);
        }
    }

    internal long Seed(ParseResult arguments) => arguments.GetValue(_seed);

    /// <summary>Where results of a run belong, or null where no run was given.</summary>
    internal string? RunPath(ParseResult arguments) => arguments.GetValue(_run);

    /// <summary>Whether the arguments name an encoder.</summary>
    internal bool IsGiven(ParseResult arguments) => _known.Any(option => arguments.GetResult(option) is { Implicit: false });

    /// <summary>Opens the encoder that the arguments name.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="data">The images that it will see first.</param>
    internal Encoder Open(ParseResult arguments, ImageDataset data)
    {
        TorchRuntime.Initialize();
        string?[] given = [arguments.GetValue(_run), arguments.GetValue(_encoder), arguments.GetValue(_random), arguments.GetValue(_pixels) ? "" : null];
        if (given.Count(g => g is not null) != 1)
        {
            string[] known = [.. _known.Select(o => $"{o.Name} {o.HelpName}".TrimEnd())];
            throw new ConfigurationException($"name one encoder: {string.Join(", ", known[..^1])} or {known[^1]}.");
        }
        if ((given[0] ?? given[1]) is { } source)
        {
            if (arguments.GetValue(_backbone) is { } network)
            {
                return Weights(arguments, EncoderFile.PathIn(source), network, data);
            }
            var encoder = Encoder.Load(source);
            return encoder with { Metadata = encoder.Metadata with { ImageSize = arguments.GetValue(_imageSize) ?? encoder.Metadata.ImageSize } };
        }
        return given[2] is { } name ? Random(arguments, name, data) : Pixels(arguments, data);
    }

    /// <summary>Weights without notes: images are prepared as for ImageNet unless their channels are others.</summary>
    private Encoder Weights(ParseResult arguments, string file, string network, ImageDataset data)
    {
        var metadata = Encoder.MetadataFor(data, arguments.GetValue(_imageSize), out int channels);
        var options = new BackboneOptions { Name = network, ImageSize = metadata.ImageSize, InputChannels = channels };
        var backbone = BackboneFactory.Build(options);
        EncoderFile.LoadWeights(file, backbone);
        backbone.eval();
        return new(file, backbone, options, metadata);
    }

    private Encoder Random(ParseResult arguments, string name, ImageDataset data)
    {
        var metadata = Encoder.MetadataFor(data, arguments.GetValue(_imageSize), out int channels);
        var options = new BackboneOptions { Name = name, ImageSize = metadata.ImageSize, InputChannels = channels };
        var encoder = new Encoder($"random {name}", BackboneFactory.Create(options, arguments.GetValue(_seed)), options, metadata);
        BatchStatistics.Settle(encoder.Backbone, encoder.Source(data), arguments.GetValue(_seed));
        return encoder;
    }

    private Encoder Pixels(ParseResult arguments, ImageDataset data)
    {
        var metadata = Encoder.MetadataFor(data, arguments.GetValue(_imageSize), out int channels);
        var options = new BackboneOptions { Name = "pixels", ImageSize = metadata.ImageSize, InputChannels = channels };
        return new("raw pixels", new PixelBackbone(channels * metadata.ImageSize * metadata.ImageSize), options, metadata);
    }
}

/// <summary>An encoder with how its images are prepared.</summary>
/// <param name="Name">For people.</param>
/// <param name="Backbone">The network, in evaluation mode.</param>
/// <param name="Options">What it was built from.</param>
/// <param name="Metadata">Size and normalisation of its views.</param>
internal sealed record Encoder(string Name, Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata)
{
    private const int SmallImage = 64, SmallSize = 32, LargeSize = 224;

    /// <summary>Loads the encoder of a run directory or an encoder file.</summary>
    internal static Encoder Load(string source)
    {
        string file = EncoderFile.PathIn(source);
        var (backbone, options, metadata) = EncoderFile.Load(file);
        return new(file, backbone, options, metadata);
    }

    /// <summary>How images are prepared for an encoder that does not say it.</summary>
    /// <param name="data">The images that it will see.</param>
    /// <param name="imageSize">Side of the views; null: 32 or 224 by the images.</param>
    /// <param name="channels">Channels of the images.</param>
    internal static EncoderMetadata MetadataFor(ImageDataset data, int? imageSize, out int channels)
    {
        channels = ImageChannels.Detect(data);
        var views = new ImageViewOptions();
        return new() { ImageSize = imageSize ?? DefaultSize(data), Mean = views.MeanFor(channels), Std = views.StdFor(channels) };
    }

    /// <summary>A data set as this encoder sees it.</summary>
    internal ImageEvalSource Source(ImageDataset data) => new(data, new EvalTransform(Views, Metadata.ImageSize, Options.InputChannels));

    /// <summary>A labelled data set that a classifier learns from, with random crops and flips.</summary>
    internal ImageTrainingSource TrainingSource(ImageDataset data) => new(data, Views, Metadata.ImageSize, Options.InputChannels);

    private ImageViewOptions Views => new() { T = AugmentationOptions.CropAndFlip, Mean = [.. Metadata.Mean], Std = [.. Metadata.Std] };

    /// <summary>Representations of a data set, with progress and a line about what could not be read.</summary>
    internal FeatureSet Extract(Terminal terminal, string what, ImageDataset data, CancellationToken cancellation)
    {
        var extraction = terminal.Count(what, progress => FeatureExtractor.Extract(Backbone, Source(data), progress: progress, cancellation: cancellation));
        ReportUnreadable(terminal, extraction.Skipped, data.Count);
        return extraction.Features;
    }

    /// <summary>A line about files that could not be read, where there are any.</summary>
    internal static void ReportUnreadable(Terminal terminal, IReadOnlyList<(string Name, string Reason)> files, int total)
    {
        if (files.Count > 0)
        {
            terminal.Line($"{files.Count:N0} of {total:N0} files could not be read and were left out, such as {files[0].Name}: {files[0].Reason}");
        }
    }

    private static int DefaultSize(ImageDataset data)
    {
        for (int i = 0; i < data.Count; i++)
        {
            try
            {
                var image = data.Read(i);
                return Math.Min(image.Width, image.Height) <= SmallImage ? SmallSize : LargeSize;
            }
            catch (UnreadableSampleException)
            {
                // the first readable one decides
            }
        }
        return LargeSize;
    }
}
