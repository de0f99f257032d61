using ByolSharp.Export;
using ByolSharp.Images;
using ByolSharp.Images.Caching;
using ByolSharp.Sources;
using ByolSharp.Video.Backbones;

namespace ByolSharp.Video;

/// <summary>Pre-training on videos: clips decoded where they are wanted, short videos once and kept, each drawn as an augmented view.</summary>
internal sealed class VideoDomain : TrainingDomain
{
    private const int Channels = 3;
    private readonly VideoDecoder _decoder;
    private readonly ImageCacheFolder? _cache;
    private readonly VideoDataset _source;
    private readonly ReadableVideos _videos;

    /// <summary>Opens the videos.</summary>
    /// <param name="options">data.path says where they are.</param>
    internal VideoDomain(RunOptions options)
    {
        Options = Resolve(options);
        _decoder = new() { MaxPixels = options.Data.MaxPixels, ShortSide = options.Data.DecodeShortSide };
        if (options.Data.CacheFolder is { Length: > 0 } folder)
        {
            _cache = Own(ImageCacheFolder.Open(folder, options.Data.CacheFolderMegabytes * (1L << 20)));
        }
        var all = Open(options.Data.Path, null);
        _source = options.Data.Quarantine is { Length: > 0 } list ? new VideoSubset(all, ByolSharp.Sources.Quarantine.Without(all, list)) : all;
        _videos = new(Cached(_source), new());
        Views = new VideoViewSource(_videos, Options.Views, Options.Video, Options.Data.ImageSize, Options.Seed);
        if (Options.Data is { EvalTrain: { } train, EvalTest: { } test })
        {
            Evaluation = OpenEvaluation(train, test);
        }
    }

    /// <inheritdoc />
    internal override RunOptions Options { get; }

    /// <inheritdoc />
    internal override IViewSource Views { get; }

    /// <inheritdoc />
    internal override int ClassCount => _videos.ClassNames.Count;

    /// <inheritdoc />
    internal override (IEvalSource Train, IEvalSource Test)? Evaluation { get; }

    /// <inheritdoc />
    internal override Quarantine Quarantine => _videos.Quarantine;

    /// <inheritdoc />
    internal override Action<int>? Decode => index => _source.Read(index, FirstClip);

    private FrameRange FirstClip => new(0, Options.Video.Stride, Options.Video.Frames);

    /// <inheritdoc />
    internal override void Read(int index) => _videos.Read(index, FirstClip);

    /// <inheritdoc />
    internal override Backbone CreateBackbone(RunOptions options, long seed) => VideoBackbones.Create(options.Backbone, seed);

    /// <inheritdoc />
    internal override void LoadWeights(string path, Backbone backbone) => Inflation.LoadWeights(path, backbone);

    /// <inheritdoc />
    internal override void SaveEncoder(string path, Backbone encoder, bool ownBackbone)
    {
        var metadata = new EncoderMetadata
        {
            ImageSize = Options.Data.EvalImageSize,
            Mean = [.. Options.Views.Mean!],
            Std = [.. Options.Views.Std!],
            Video = Options.Video,
        };
        EncoderFile.Save(path, encoder, ownBackbone ? null : Options.Backbone, metadata);
    }

    /// <inheritdoc />
    internal override void PassMessages(Action<string> say) => _cache?.PassMessages(say);

    /// <inheritdoc />
    internal override void Report(Action<string> say)
    {
        if (_cache is not null)
        {
            _cache.PassMessages(say);
            say($"cache folder {Options.Data.CacheFolder}: {_cache.Served:N0} videos came from it, {_cache.Decoded:N0} were decoded; it takes {_cache.Bytes >> 20:N0} MiB");
        }
    }

    /// <summary>Fills in what the data and the machine decide.</summary>
    private static RunOptions Resolve(RunOptions options)
    {
        int workers = options.Data.Workers > 0 ? options.Data.Workers : TorchRuntime.DataThreads;
        return options with
        {
            Data = options.Data with { Channels = Channels, Workers = workers },
            Backbone = options.Backbone with { ImageSize = options.Data.ImageSize, InputChannels = Channels },
            Views = options.Views with { Mean = [.. options.Views.MeanFor(Channels)], Std = [.. options.Views.StdFor(Channels)] },
        };
    }

    private VideoDataset Open(string path, IReadOnlyList<string>? classNames) => path.Length == 0
        ? throw new ConfigurationException("data.path is empty; name the folder, list or tar file with the videos.")
        : Own(VideoSources.Open(path, classNames, _decoder));

    private (IEvalSource Train, IEvalSource Test) OpenEvaluation(string train, string test)
    {
        var transform = new EvalTransform(Options.Views, Options.Data.EvalImageSize, Channels, EvalCrop.ShortSide);
        var trainData = Open(train, null);
        if (trainData.ClassNames.Count < 2)
        {
            throw new UnusableDataException($"{train} has {trainData.ClassNames.Count} classes; evaluation needs a folder with one sub-folder a class and at least two classes.");
        }
        return (Source(trainData), Source(Open(test, trainData.ClassNames)));

        VideoEvalSource Source(VideoDataset data) => new(Cached(data), transform, Options.Video);
    }

    private CachedVideos Cached(VideoDataset data) => new(data, _decoder.ShortSide, Options.Data.CacheMegabytes * (1L << 20), _cache);
}
