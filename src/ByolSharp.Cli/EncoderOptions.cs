using System.CommandLine;
using ByolSharp.Distributed;
using ByolSharp.Evaluation;
using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Sources;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Text.Tokenizers;
using ByolSharp.Video;
using ByolSharp.Video.Backbones;

namespace ByolSharp.Cli;

/// <summary>What a command compares encoders with.</summary>
[Flags]
internal enum Baselines
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A random encoder.</summary>
    Random = 1,

    /// <summary>Raw pixels, and changes between frames.</summary>
    Pixels = 2,

    /// <summary>The words of texts.</summary>
    Words = 4,

    /// <summary>All of them.</summary>
    All = Random | Pixels | Words,
}

/// <summary>Which encoder a command works with: of a run, of a file, a random one, or none at all (raw pixels, changes between frames, words).</summary>
internal sealed class EncoderOptions
{
    private const long VideoCacheBytes = 4L << 30;

    private readonly Option<string?> _run = new("--run") { Description = "The encoder of a run directory.", HelpName = "RUN" };
    private readonly Option<string?> _encoder = new("--encoder") { Description = "An encoder file: safetensors, or PyTorch weights (.pth) with --backbone.", HelpName = "FILE" };
    private readonly Option<string?> _backbone = new("--backbone") { Description = "The network of an encoder file that does not say it, such as resnet50." };
    private readonly Option<string?> _random = new("--random") { Description = "A random encoder, as a baseline: a backbone's name, or a preset's for its encoder.", HelpName = "BACKBONE" };
    private readonly Option<bool> _pixels = new("--pixels") { Description = "Raw pixels instead of an encoder, as a baseline; of a video those of its middle frame." };
    private readonly Option<bool> _difference = new("--frame-difference") { Description = "Mean changes between the frames of a video instead of an encoder, as a baseline." };
    private readonly Option<bool> _words = new("--tf-idf") { Description = "The words of a text, rare ones weighing more, instead of an encoder, as a baseline." };
    private readonly Option<int?> _terms = new("--tf-idf-terms") { Description = "Most terms of --tf-idf; default: 10,000, fewer where the numbers of the first data set would take more than 1 GiB." };
    private readonly Option<bool> _pairs = new("--tf-idf-pairs") { Description = "Two words side by side are a term of --tf-idf too." };
    private readonly Option<int?> _imageSize = new("--image-size") { Description = "Side of the views in pixels; default: as trained, else 32 or 224 by the images." };
    private readonly Option<int?> _clips = new("--clips") { Description = "Clips of a video whose representations are averaged (video.evalClips); default: the run's." };
    private readonly Option<int?> _crops = new("--crops") { Description = "Crops of each of these clips (video.evalCrops); default: the run's." };
    private readonly Option<string?> _tokenizer = new("--tokenizer") { Description = "The tokenizer of a text encoder that brings none: a file, a folder or a run; default: learned from the data.", HelpName = "PATH" };
    private readonly TextColumns _columns = new();
    private readonly Option<long> _seed = new("--seed") { Description = "Seed of a random encoder, of held-out parts and of subsets." };

    private IReadOnlyList<Option> _known = [];

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="with">Baselines that are offered.</param>
    internal void AddTo(Command command, Baselines with)
    {
        Option[] encoders =
        [
            .. with.HasFlag(Baselines.Random) ? [_random] : Array.Empty<Option>(),
            .. with.HasFlag(Baselines.Pixels) ? [_pixels, _difference] : Array.Empty<Option>(),
            .. with.HasFlag(Baselines.Words) ? [_words] : Array.Empty<Option>(),
        ];
        Option[] baselines = [.. encoders, .. with.HasFlag(Baselines.Words) ? [_terms, _pairs] : Array.Empty<Option>(), .. with == Baselines.None ? [] : new Option[] { _seed }];
        _known = [_run, _encoder, .. encoders];
        foreach (Option option in (Option[])[_run, _encoder, _backbone, .. baselines, _imageSize, _clips, _crops, _tokenizer])
        {
            command.Options.Add(option);
        }
        _columns.AddTo(command);
    }

    internal long Seed(ParseResult arguments) => arguments.GetValue(_seed);

    /// <summary>Where results of a run belong, or null where no run was given.</summary>
    internal string? RunPath(ParseResult arguments) => arguments.GetValue(_run);

    /// <summary>Opens data of the kind that the encoder takes.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="classNames">Class names in the order of their labels, or null.</param>
    internal Dataset OpenData(ParseResult arguments, string path, IReadOnlyList<string>? classNames = null)
    {
        RequireOne(arguments);
        return KindOf(arguments, path) switch
        {
            DataKind.Text => TextSources.Open(path, TextOptionsOf(arguments), classNames),
            var kind => OpenPictures(kind, path, classNames, ShortSideOf(arguments)),
        };
    }

    /// <summary>Opens data as an encoder takes them, laid out as those it was trained on.</summary>
    /// <param name="encoder">A run or an encoder file.</param>
    /// <param name="path">The data.</param>
    /// <param name="classNames">Class names, where they are known.</param>
    internal static Dataset OpenData(string encoder, string path, IReadOnlyList<string>? classNames)
    {
        var metadata = EncoderFile.ReadMetadata(EncoderFile.PathIn(encoder));
        return metadata.Text is { } text ? TextSources.Open(path, text.Options, classNames) : OpenPictures(KindOf(metadata), path, classNames, metadata.DecodeShortSide);
    }

    private static Dataset OpenPictures(DataKind kind, string path, IReadOnlyList<string>? classNames, int shortSide) => kind == DataKind.Video
        ? Cached(VideoSources.Open(path, classNames, new() { ShortSide = shortSide }), shortSide)
        : ImageSources.Open(path, new() { ClassNames = classNames });

    private static CachedVideos Cached(VideoDataset videos, int shortSide) => new(videos, shortSide, VideoCacheBytes, folder: null);

    /// <summary>Opens single files, and the encoder that the arguments name or else a known one.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="files">Images, videos or documents, as the encoder takes them.</param>
    /// <param name="known">A run or an encoder file, or null.</param>
    internal (Encoder Encoder, Dataset Data) OpenFiles(ParseResult arguments, IReadOnlyList<string> files, string? known)
    {
        bool useKnown = known is not null && !IsGiven(arguments);
        if (!useKnown)
        {
            RequireOne(arguments);
        }
        var metadata = useKnown ? EncoderFile.ReadMetadata(EncoderFile.PathIn(known!)) : null;
        int shortSide = metadata?.DecodeShortSide ?? ShortSideOf(arguments);
        Dataset data = (metadata is not null ? KindOf(metadata) : KindOf(arguments, files[0])) switch
        {
            DataKind.Video => Cached(VideoSources.OpenFiles(files, new() { ShortSide = shortSide }), shortSide),
            DataKind.Text => TextSources.OpenFiles(files),
            _ => ImageSources.OpenFiles(files),
        };
        TorchRuntime.Initialize();
        return (useKnown ? Encoder.Load(known!) : Open(arguments, data), data);
    }

    /// <summary>The run or file that alone rebuilds the encoder; null where other options have a say.</summary>
    internal string? PlainSource(ParseResult arguments) =>
        arguments.GetValue(_backbone) is null && arguments.GetValue(_imageSize) is null && arguments.GetValue(_clips) is null && arguments.GetValue(_crops) is null
            ? FileOf(arguments) : null;

    /// <summary>Opens texts for an encoder of texts.</summary>
    internal TextDataset OpenTexts(ParseResult arguments, string path)
    {
        RequireTexts(arguments, path);
        return TextSources.Open(path, TextOptionsOf(arguments));
    }

    /// <summary>Opens pairs of texts, with what stands in their label column; where no column is named, text, pair and label are the first three.</summary>
    internal TextDataset OpenPairs(ParseResult arguments, string path, string pairColumn)
    {
        RequireTexts(arguments, path);
        return TextSources.Open(path, _columns.Apply(arguments, new() { Column = "1", LabelColumn = "3" }) with { PairColumn = pairColumn });
    }

    /// <summary>Whether it is one that was never trained.</summary>
    internal bool IsRandom(ParseResult arguments) => arguments.GetValue(_random) is not null;

    /// <summary>Whether the arguments name an encoder.</summary>
    internal bool IsGiven(ParseResult arguments) => _known.Any(option => arguments.GetResult(option) is { Implicit: false });

    /// <summary>Opens the encoder that the arguments name.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="data">The data that it will see first, from <see cref="OpenData(ParseResult, string, IReadOnlyList{string}?)"/>.</param>
    internal Encoder Open(ParseResult arguments, Dataset data)
    {
        TorchRuntime.Initialize();
        RequireOne(arguments);
        if (FileOf(arguments) is { } file)
        {
            if (arguments.GetValue(_backbone) is { } network)
            {
                return RunOptions.KindOf(network) == DataKind.Text ? ImportText(arguments, file, network, (TextDataset)data) : Encoder.Import(file, network, data, arguments.GetValue(_imageSize));
            }
            var encoder = Encoder.Load(file);
            return encoder with { Metadata = AsAskedFor(arguments, encoder.Metadata) };
        }
        return arguments.GetValue(_random) is { } name ? data is TextDataset texts ? RandomText(arguments, name, texts) : Random(arguments, name, data)
            : arguments.GetValue(_words) ? Words(arguments, data)
            : arguments.GetValue(_difference) ? FrameDifference(arguments, data) : Pixels(arguments, data);
    }

    private void RequireTexts(ParseResult arguments, string path)
    {
        RequireOne(arguments);
        if (KindOf(arguments, path) != DataKind.Text)
        {
            throw new ConfigurationException("this needs an encoder of texts: name a run on texts with --run, or --random text-small-cpu.");
        }
    }

    private void RequireOne(ParseResult arguments)
    {
        bool[] given =
        [
            arguments.GetValue(_run) is not null, arguments.GetValue(_encoder) is not null, arguments.GetValue(_random) is not null,
            arguments.GetValue(_pixels), arguments.GetValue(_difference), arguments.GetValue(_words),
        ];
        if (given.Count(isGiven => isGiven) != 1)
        {
            string[] known = [.. _known.Select(o => $"{o.Name} {o.HelpName}".TrimEnd())];
            throw new ConfigurationException($"name one encoder: {string.Join(", ", known[..^1])} or {known[^1]}.");
        }
    }

    private string? FileOf(ParseResult arguments) => (arguments.GetValue(_run) ?? arguments.GetValue(_encoder)) is { } source ? EncoderFile.PathIn(source) : null;

    /// <summary>What the encoder takes; where none is named, what the data are.</summary>
    private DataKind KindOf(ParseResult arguments, string path) => (FileOf(arguments), arguments.GetValue(_backbone), arguments.GetValue(_random)) switch
    {
        (not null, { } network, _) => RunOptions.KindOf(network),
        ({ } file, null, _) => KindOf(EncoderFile.ReadMetadata(file)),
        (null, _, { } name) => PresetOf(name)?.Data.Kind ?? RunOptions.KindOf(name),
        _ when arguments.GetValue(_words) => DataKind.Text,
        _ => DataKinds.Of(path),
    };

    private static DataKind KindOf(EncoderMetadata metadata) =>
        metadata switch { { Text: not null } => DataKind.Text, { Video: not null } => DataKind.Video, _ => DataKind.Images };

    /// <summary>Short side that frames of videos are decoded to, as in training or in a preset; 0: they keep their size.</summary>
    private int ShortSideOf(ParseResult arguments) => (FileOf(arguments), arguments.GetValue(_backbone), arguments.GetValue(_random)) switch
    {
        ({ } file, null, _) => EncoderFile.ReadMetadata(file).DecodeShortSide,
        (null, _, { } name) when PresetOf(name) is { Data.Kind: DataKind.Video } preset => preset.Data.DecodeShortSide,
        _ => 0,
    };

    /// <summary>How texts are laid out and cut: as in training or in a preset, with what the arguments say.</summary>
    private TextOptions TextOptionsOf(ParseResult arguments)
    {
        var known = FileOf(arguments) is { } file && arguments.GetValue(_backbone) is null ? EncoderFile.ReadMetadata(file).Text?.Options
            : arguments.GetValue(_random) is { } name ? PresetOf(name)?.Text : null;
        return _columns.Apply(arguments, known ?? new());
    }

    /// <summary>The tokenizer that the arguments name, or one learned from the data.</summary>
    private TextMetadata TextMetadataFor(ParseResult arguments, TextDataset data)
    {
        var options = TextOptionsOf(arguments);
        return TextMetadata.Of(options, arguments.GetValue(_tokenizer) is { } path
            ? TextTokenizer.Open(path)
            : TextTokenizer.Train(TokenizerTexts.Of(data), options.VocabularySize));
    }

    private Encoder ImportText(ParseResult arguments, string file, string network, TextDataset data)
    {
        var metadata = new EncoderMetadata { Text = TextMetadataFor(arguments, data) };
        var options = new BackboneOptions { Name = network, Pooling = TokenPooling.Mean };
        var backbone = TextBackbones.Build(options, metadata.Text.Options);
        BertWeights.Load(file, backbone);
        backbone.eval();
        return new(file, backbone, options, metadata);
    }

    private Encoder RandomText(ParseResult arguments, string name, TextDataset data)
    {
        var metadata = new EncoderMetadata { Text = TextMetadataFor(arguments, data) };
        var options = PresetOf(name)?.Backbone ?? new() { Name = name, Pooling = TokenPooling.Mean };
        long seed = arguments.GetValue(_seed);
        var encoder = Encoder.Random($"random {name}", options, metadata, seed);
        encoder.Settle(data, seed);
        return encoder;
    }

    private EncoderMetadata AsAskedFor(ParseResult arguments, EncoderMetadata metadata) => metadata with
    {
        ImageSize = arguments.GetValue(_imageSize) ?? metadata.ImageSize,
        Video = metadata.Video is not { } video ? null : video with
        {
            EvalClips = arguments.GetValue(_clips) ?? video.EvalClips,
            EvalCrops = arguments.GetValue(_crops) ?? video.EvalCrops,
        },
    };

    private static RunOptions? PresetOf(string name) => Presets.All.FirstOrDefault(preset => preset.Name == name)?.Options;

    private Encoder Random(ParseResult arguments, string name, Dataset data)
    {
        var metadata = PresetOf(name) is { } preset
            ? new EncoderMetadata
            {
                ImageSize = preset.Data.EvalImageSize,
                Mean = preset.Views.MeanFor(Encoder.ChannelsOf(data)),
                Std = preset.Views.StdFor(Encoder.ChannelsOf(data)),
                Video = preset.Data.Kind == DataKind.Video ? preset.Video : null,
                DecodeShortSide = ShortSideOf(arguments),
            }
            : Encoder.MetadataFor(data, arguments.GetValue(_imageSize), out _);
        metadata = AsAskedFor(arguments, metadata);
        var options = (PresetOf(name)?.Backbone ?? new() { Name = name }) with { ImageSize = metadata.ImageSize, InputChannels = metadata.Mean.Count };
        long seed = arguments.GetValue(_seed);
        var encoder = Encoder.Random($"random {name}", options, metadata, seed);
        encoder.Settle(data, seed);
        return encoder;
    }

    private Encoder Pixels(ParseResult arguments, Dataset data)
    {
        var metadata = BaselineMetadata(arguments, data, Encoder.MiddleFrame, out var options);
        return new("raw pixels", new PixelBackbone(options.InputChannels * metadata.ImageSize * metadata.ImageSize), options, metadata);
    }

    private Encoder FrameDifference(ParseResult arguments, Dataset data)
    {
        if (data is not VideoDataset)
        {
            throw new ConfigurationException($"{_difference.Name} is a baseline for videos, and these are images: take {_pixels.Name}.");
        }
        var metadata = BaselineMetadata(arguments, data, new() { Frames = 8, Stride = 1, EvalCrops = 1 }, out var options);
        return new("frame difference", new FrameDifferenceBackbone(metadata.ImageSize), options, metadata);
    }

    private Encoder Words(ParseResult arguments, Dataset data) => Encoder.OfWords((TextDataset)data, arguments.GetValue(_terms), arguments.GetValue(_pairs));

    /// <summary>How a baseline without a network sees its data; frames as small as small images, which have as much to say.</summary>
    private EncoderMetadata BaselineMetadata(ParseResult arguments, Dataset data, VideoOptions video, out BackboneOptions options)
    {
        var metadata = Encoder.MetadataFor(data, arguments.GetValue(_imageSize) ?? (data is VideoDataset ? Encoder.SmallSize : null), out int channels);
        metadata = AsAskedFor(arguments, metadata.Video is null ? metadata : metadata with { Video = video });
        options = new() { Name = "pixels", ImageSize = metadata.ImageSize, InputChannels = channels };
        return metadata;
    }
}

/// <summary>An encoder with how its images or clips are prepared.</summary>
/// <param name="Name">For people.</param>
/// <param name="Backbone">The network, in evaluation mode.</param>
/// <param name="Options">What it was built from.</param>
/// <param name="Metadata">Size and normalisation of its views.</param>
internal sealed record Encoder(string Name, Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata)
{
    internal const int SmallSize = 32;
    private const int SmallImage = 64, LargeSize = 224, VideoChannels = 3;
    private const int TfIdfNumbers = 1 << 28; // 1 GiB

    /// <summary>A video as one image.</summary>
    internal static VideoOptions MiddleFrame { get; } = new() { Frames = 1, Stride = 1, EvalClips = 1, EvalCrops = 1 };

    /// <summary>Terms that texts are told by, in place of a network's tokens; null for a network.</summary>
    internal TfIdf? Terms { get; init; }

    /// <summary>Loads the encoder of a run directory or an encoder file.</summary>
    internal static Encoder Load(string source)
    {
        string file = EncoderFile.PathIn(source);
        var (backbone, options, metadata) = EncoderFile.Load(file);
        return new(file, backbone, options, metadata);
    }

    /// <summary>A network with weights of a seed.</summary>
    /// <param name="name">For people.</param>
    /// <param name="options">What to build.</param>
    /// <param name="metadata">Whether it takes images or clips, and how they are prepared.</param>
    /// <param name="seed">Seed of the weights.</param>
    internal static Encoder Random(string name, BackboneOptions options, EncoderMetadata metadata, long seed)
    {
        Backbone backbone = metadata switch
        {
            { Text: { } text } => TextBackbones.Create(options, text.Options, seed),
            { Video: not null } => VideoBackbones.Create(options, seed),
            _ => BackboneFactory.Create(options, seed),
        };
        return new(name, backbone, options, metadata);
    }

    /// <summary>Gives a network that was never trained the statistics of its layers, as a trained one has them, and puts it into evaluation mode.</summary>
    internal void Settle(Dataset data, long seed)
    {
        if (data is TextDataset)
        {
            Backbone.eval(); // layer normalisation has none
        }
        else
        {
            BatchStatistics.Settle(Backbone, Source(data), seed);
        }
    }

    /// <summary>Texts as the weights of their terms, in place of a network.</summary>
    /// <param name="data">Says how rare each term is.</param>
    /// <param name="terms">Most terms; null: 10,000, fewer where the numbers of the data would take too much memory.</param>
    /// <param name="pairs">Two words side by side are a term too.</param>
    internal static Encoder OfWords(TextDataset data, int? terms, bool pairs)
    {
        int fitting = Math.Max(1, TfIdfNumbers / Math.Max(1, data.Count));
        var learned = TfIdf.Learn(data, new() { Terms = terms ?? Math.Min(new TfIdfOptions().Terms, fitting), Pairs = pairs });
        return new($"TF-IDF of {learned.Terms.Count:N0} terms", new PixelBackbone(learned.Terms.Count), new() { Name = "tf-idf" }, new()) { Terms = learned };
    }

    /// <summary>Loads weights that do not say what they are; images are prepared as for ImageNet unless their channels are others.</summary>
    /// <param name="file">Safetensors or PyTorch weights, with a classifier or without.</param>
    /// <param name="network">The backbone's name.</param>
    /// <param name="data">What it will see.</param>
    /// <param name="imageSize">Side of the views; null: 32 or 224 by the images.</param>
    internal static Encoder Import(string file, string network, Dataset data, int? imageSize)
    {
        var metadata = MetadataFor(data, imageSize, out int channels);
        var options = new BackboneOptions { Name = network, ImageSize = metadata.ImageSize, InputChannels = channels };
        var backbone = BackboneFactory.Build(options);
        EncoderFile.LoadWeights(file, backbone, allowUnexpected: true);
        backbone.eval();
        return new(file, backbone, options, metadata);
    }

    /// <summary>How images or clips are prepared for an encoder that does not say it.</summary>
    /// <param name="data">What it will see.</param>
    /// <param name="imageSize">Side of the views; null: 32 or 224 by the images.</param>
    /// <param name="channels">Channels of the images.</param>
    internal static EncoderMetadata MetadataFor(Dataset data, int? imageSize, out int channels)
    {
        channels = ChannelsOf(data);
        var views = new ImageViewOptions();
        return new()
        {
            ImageSize = imageSize ?? (data is ImageDataset images ? DefaultSize(images) : LargeSize),
            Mean = views.MeanFor(channels),
            Std = views.StdFor(channels),
            Video = data is VideoDataset ? new() : null,
        };
    }

    /// <summary>Channels of the images or frames.</summary>
    internal static int ChannelsOf(Dataset data) => data is ImageDataset images ? ImageChannels.Detect(images) : VideoChannels;

    /// <summary>A data set as this encoder sees it.</summary>
    internal IEvalSource Source(Dataset data) => data switch
    {
        VideoDataset videos => new VideoEvalSource(videos, new EvalTransform(Views, Metadata.ImageSize, Options.InputChannels, EvalCrop.ShortSide), Metadata.Video!),
        TextDataset texts when Terms is not null => new TfIdfSource(texts, Terms),
        TextDataset texts => new TextEvalSource(texts, Metadata.Text!.Options.MaxTokens, TextTokenizer.Open(Metadata.Text.Tokenizer)),
        var images => new ImageEvalSource((ImageDataset)images, new EvalTransform(Views, Metadata.ImageSize, Options.InputChannels)),
    };

    /// <summary>Some samples of a data set.</summary>
    internal static Dataset Subset(Dataset data, IReadOnlyList<int> samples) => data switch
    {
        VideoDataset videos => new VideoSubset(videos, samples),
        TextDataset texts => new TextSubset(texts, samples),
        var images => new ImageSubset((ImageDataset)images, samples),
    };

    /// <summary>A labelled data set that a classifier learns from, with random crops and flips.</summary>
    internal ITrainingSource TrainingSource(Dataset data) => data switch
    {
        VideoDataset videos => new VideoTrainingSource(videos, Views, Metadata.Video!, Metadata.ImageSize),
        TextDataset when Terms is not null => throw new ConfigurationException("--tf-idf has no views that change: choose --protocol logistic or sgd."),
        TextDataset texts => new TextTrainingSource(texts, Metadata.Text!.Options, TextTokenizer.Open(Metadata.Text.Tokenizer)),
        var images => new ImageTrainingSource((ImageDataset)images, Views, Metadata.ImageSize, Options.InputChannels),
    };

    private ImageViewOptions Views => new() { T = AugmentationOptions.CropAndFlip, Mean = [.. Metadata.Mean], Std = [.. Metadata.Std] };

    /// <summary>Representations of a data set, with progress and a line about what could not be read; replicas, where there are, share the work.</summary>
    internal FeatureSet Extract(Terminal terminal, string what, Dataset data, CancellationToken cancellation, IReplicas? replicas = null)
    {
        var extraction = terminal.Count(
            what, progress => FeatureExtractor.Extract(Backbone, Source(data), replicas: replicas, progress: progress, cancellation: cancellation));
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
