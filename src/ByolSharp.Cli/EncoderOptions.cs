using System.CommandLine;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;

namespace ByolSharp.Cli;

/// <summary>Which encoder a command works with: of a run, of a file, a random one, or none at all (raw pixels).</summary>
internal sealed class EncoderOptions
{
    private const int SmallImage = 64, SmallSize = 32, LargeSize = 224;

    private readonly Option<string?> _run = new("--run") { Description = "The encoder of a run directory.", HelpName = "RUN" };
    private readonly Option<string?> _encoder = new("--encoder") { Description = "An encoder file (safetensors).", HelpName = "FILE" };
    private readonly Option<string?> _random = new("--random") { Description = "A random encoder, as a baseline: a backbone's name.", HelpName = "BACKBONE" };
    private readonly Option<bool> _pixels = new("--pixels") { Description = "Raw pixels instead of an encoder, as a baseline." };
    private readonly Option<int?> _imageSize = new("--image-size") { Description = "Side of the views in pixels; default: as trained, else 32 or 224 by the images." };
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of a random encoder, of held-out parts and of subsets." };

    /// <summary>Adds the options to a command.</summary>
    internal void AddTo(Command command, bool withBaselines = true)
    {
        command.Options.Add(_run);
        command.Options.Add(_encoder);
        if (withBaselines)
        {
            command.Options.Add(_random);
            command.Options.Add(_pixels);
            command.Options.Add(_seed);
        }
        command.Options.Add(_imageSize);
    }

    internal long Seed(ParseResult arguments) => arguments.GetValue(_seed);

    /// <summary>Where results of a run belong, or null where no run was given.</summary>
    internal string? RunPath(ParseResult arguments) => arguments.GetValue(_run);

    /// <summary>Opens the encoder that the arguments name.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="data">The images that it will see first.</param>
    internal Encoder Open(ParseResult arguments, ImageDataset data)
    {
        TorchRuntime.Initialize();
        string?[] given = [arguments.GetValue(_run), arguments.GetValue(_encoder), arguments.GetValue(_random), arguments.GetValue(_pixels) ? "" : null];
        if (given.Count(g => g is not null) != 1)
        {
            throw new ConfigurationException("name one encoder: --run RUN, --encoder FILE, --random BACKBONE or --pixels.");
        }
        if ((given[0] ?? given[1]) is { } source)
        {
            string file = EncoderFile.PathIn(source);
            var (backbone, options, metadata) = EncoderFile.Load(file);
            return new(file, backbone, options, metadata with { ImageSize = arguments.GetValue(_imageSize) ?? metadata.ImageSize });
        }
        return given[2] is { } name ? Random(arguments, name, data) : Pixels(arguments, data);
    }

    private Encoder Random(ParseResult arguments, string name, ImageDataset data)
    {
        var metadata = MetadataFor(arguments, data, out int channels);
        var options = new BackboneOptions { Name = name, ImageSize = metadata.ImageSize, InputChannels = channels };
        var encoder = new Encoder($"random {name}", BackboneFactory.Create(options, arguments.GetValue(_seed)), options, metadata);
        BatchStatistics.Settle(encoder.Backbone, encoder.Source(data), arguments.GetValue(_seed));
        return encoder;
    }

    private Encoder Pixels(ParseResult arguments, ImageDataset data)
    {
        var metadata = MetadataFor(arguments, data, out int channels);
        var options = new BackboneOptions { Name = "pixels", ImageSize = metadata.ImageSize, InputChannels = channels };
        return new("raw pixels", new PixelBackbone(channels * metadata.ImageSize * metadata.ImageSize), options, metadata);
    }

    private EncoderMetadata MetadataFor(ParseResult arguments, ImageDataset data, out int channels)
    {
        channels = ImageChannels.Detect(data);
        var views = new ImageViewOptions();
        return new()
        {
            ImageSize = arguments.GetValue(_imageSize) ?? DefaultSize(data),
            Mean = views.MeanFor(channels),
            Std = views.StdFor(channels),
        };
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

/// <summary>An encoder with how its images are prepared.</summary>
/// <param name="Name">For people.</param>
/// <param name="Backbone">The network, in evaluation mode.</param>
/// <param name="Options">What it was built from.</param>
/// <param name="Metadata">Size and normalisation of its views.</param>
internal sealed record Encoder(string Name, Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata)
{
    /// <summary>A data set as this encoder sees it.</summary>
    internal ImageEvalSource Source(ImageDataset data) =>
        new(data, new EvalTransform(new() { Mean = [.. Metadata.Mean], Std = [.. Metadata.Std] }, Metadata.ImageSize, Options.InputChannels));

    /// <summary>Representations of a data set, with progress and a line about what could not be read.</summary>
    internal FeatureSet Extract(Terminal terminal, string what, ImageDataset data, CancellationToken cancellation)
    {
        var extraction = terminal.Count(what, progress => FeatureExtractor.Extract(Backbone, Source(data), progress: progress, cancellation: cancellation));
        if (extraction.Skipped.Count > 0)
        {
            var (name, reason) = extraction.Skipped[0];
            terminal.Line($"{extraction.Skipped.Count:N0} of {data.Count:N0} files could not be read and were left out, such as {name}: {reason}");
        }
        return extraction.Features;
    }
}
