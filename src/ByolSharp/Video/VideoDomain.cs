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
        // One thread more than for other data: each mostly waits for its decoder, and the network for the first epoch's videos.
        Options = Resolve(options, Channels, TorchRuntime.AvailableCores);
        _decoder = new() { MaxPixels = options.Data.MaxPixels, ShortSide = options.Data.DecodeShortSide };
        _cache = OpenCache(options.Data);
        var all = Open(options.Data.Path, null);
        _source = options.Data.Quarantine is { Length: > 0 } list ? new VideoSubset(all, ByolSharp.Sources.Quarantine.Without(all, list)) : all;
        Remarks = [.. LeftOut(options.Data, all.Count, _source.Count)];
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
    internal override IReadOnlyList<string> Remarks { get; }

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
    protected override EncoderMetadata Metadata => base.Metadata with { Video = Options.Video, DecodeShortSide = _decoder.ShortSide };

    private VideoDataset Open(string path, IReadOnlyList<string>? classNames) => path.Length == 0
        ? throw new ConfigurationException("data.path is empty; name the folder, list or tar file with the videos.")
        : Own(VideoSources.Open(path, classNames, _decoder));

    private (IEvalSource Train, IEvalSource Test) OpenEvaluation(string train, string test)
    {
        var transform = new EvalTransform(Options.Views, Options.Data.EvalImageSize, Channels, EvalCrop.ShortSide);
        var trainData = Open(train, null);
        trainData.RequireClasses(train);
        return (Source(trainData), Source(Open(test, trainData.ClassNames)));

        VideoEvalSource Source(VideoDataset data) => new(Cached(data), transform, Options.Video);
    }

    private CachedVideos Cached(VideoDataset data) => new(data, _decoder.ShortSide, Options.Data.CacheMegabytes * (1L << 20), _cache);
}
