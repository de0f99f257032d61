using ByolSharp.Images.Backbones;
using ByolSharp.Images.Caching;
using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Pre-training on images: decoded once, cached, drawn as two augmented views.</summary>
internal sealed class ImageDomain : TrainingDomain
{
    private readonly ImageCacheFolder? _cache;
    private readonly ImageDataset _source;
    private readonly List<string> _remarks = [];
    private readonly ReadableImages _images;

    /// <summary>Opens the images.</summary>
    /// <param name="options">data.path says where they are, unless <paramref name="data"/> is given.</param>
    /// <param name="data">Images of the caller's own, which are not disposed.</param>
    internal ImageDomain(RunOptions options, ImageDataset? data)
    {
        var all = data ?? Open(options.Data.Path, options.Data);
        _source = options.Data.Quarantine is { Length: > 0 } list ? new ImageSubset(all, ByolSharp.Sources.Quarantine.Without(all, list)) : all;
        _remarks.AddRange(LeftOut(options.Data, all.Count, _source.Count));
        _cache = OpenCache(options.Data);
        var cached = new CachedImages(Packed(_source), options.Data.CacheMegabytes * (1L << 20));
        int channels = options.Data.Channels > 0 ? options.Data.Channels : ImageChannels.Detect(cached);
        Options = Resolve(options, channels);
        _images = new(cached, channels, new());
        var views = new ImageViewSource(_images, Options.Views, Options.Data.ImageSize, Options.Seed, channels);
        _remarks.AddRange(views.SwitchedOff.Select(left => $"images of {channels} channels: {left} is switched off"));
        Views = Options.Data.AugmentOn == AugmentOn.Device ? new DeviceImageViews(views) : views;
        if (Options.Data is { EvalTrain: { } train, EvalTest: { } test })
        {
            Evaluation = OpenEvaluation(train, test, channels);
        }
    }

    /// <inheritdoc />
    internal override RunOptions Options { get; }

    /// <inheritdoc />
    internal override IViewSource Views { get; }

    /// <inheritdoc />
    internal override int ClassCount => _images.ClassNames.Count;

    /// <inheritdoc />
    internal override (IEvalSource Train, IEvalSource Test)? Evaluation { get; }

    /// <inheritdoc />
    internal override Quarantine Quarantine => _images.Quarantine;

    /// <inheritdoc />
    internal override IReadOnlyList<string> Remarks => _remarks;

    /// <inheritdoc />
    internal override Action<int>? Decode => _source.IsInMemory ? null : index => _source.Read(index);

    /// <inheritdoc />
    internal override void Read(int index) => _images.Read(index);

    /// <inheritdoc />
    internal override Backbone CreateBackbone(RunOptions options, long seed) => BackboneFactory.Create(options.Backbone, seed);

    private ImageDataset Open(string path, DataOptions options, IReadOnlyList<string>? classNames = null)
    {
        if (path.Length == 0)
        {
            throw new ConfigurationException("data.path is empty; name the folder, list or file with the images.");
        }
        return Own(ImageSources.Open(
            path, new() { MaxPixels = options.MaxPixels, DecodeShortSide = options.DecodeShortSide, ClassNames = classNames }));
    }

    private (IEvalSource Train, IEvalSource Test) OpenEvaluation(string train, string test, int channels)
    {
        var transform = new EvalTransform(Options.Views, Options.Data.EvalImageSize, channels);
        var trainData = Open(train, Options.Data);
        var testData = Open(test, Options.Data, trainData.ClassNames);
        trainData.RequireClasses(train);
        return (new ImageEvalSource(Packed(trainData), transform), new ImageEvalSource(Packed(testData), transform));
    }

    /// <summary>A data set through the cache folder, where there is one.</summary>
    private ImageDataset Packed(ImageDataset data) => _cache is null ? data : new PackedImages(data, _cache);
}
