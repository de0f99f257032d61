using ByolSharp.Export;
using ByolSharp.Images.Backbones;
using ByolSharp.Images.Caching;
using ByolSharp.Sources;

namespace ByolSharp.Images;

/// <summary>Pre-training on images: decoded once, cached, drawn as two augmented views.</summary>
internal sealed class ImageDomain : TrainingDomain
{
    private readonly ImageCacheFolder? _cache;
    private readonly ImageDataset _source;
    private readonly int _leftOut;
    private readonly ReadableImages _images;
    private readonly ImageViewSource _views;

    /// <summary>Opens the images.</summary>
    /// <param name="options">data.path says where they are, unless <paramref name="data"/> is given.</param>
    /// <param name="data">Images of the caller's own, which are not disposed.</param>
    internal ImageDomain(RunOptions options, ImageDataset? data)
    {
        var all = data ?? Open(options.Data.Path, options.Data);
        _source = options.Data.Quarantine is { Length: > 0 } list ? new ImageSubset(all, ByolSharp.Sources.Quarantine.Without(all, list)) : all;
        _leftOut = all.Count - _source.Count;
        if (options.Data.CacheFolder is { Length: > 0 } folder)
        {
            _cache = Own(ImageCacheFolder.Open(folder, options.Data.CacheFolderMegabytes * (1L << 20)));
        }
        var cached = new CachedImages(Packed(_source), options.Data.CacheMegabytes * (1L << 20));
        int channels = options.Data.Channels > 0 ? options.Data.Channels : ImageChannels.Detect(cached);
        Options = Resolve(options, channels);
        _images = new(cached, channels, new());
        _views = new(_images, Options.Views, Options.Data.ImageSize, Options.Seed, channels);
        Views = Options.Data.AugmentOn == AugmentOn.Device ? new DeviceImageViews(_views) : _views;
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

    /// <summary>How images are prepared for the encoder.</summary>
    private EncoderMetadata Metadata => new() { ImageSize = Options.Data.EvalImageSize, Mean = [.. Options.Views.Mean!], Std = [.. Options.Views.Std!] };

    /// <inheritdoc />
    internal override Quarantine Quarantine => _images.Quarantine;

    /// <inheritdoc />
    internal override IReadOnlyList<string> Remarks =>
    [
        .. _leftOut == 0 ? (string[])[] : [FormattableString.Invariant($"{_leftOut:N0} of {_leftOut + _source.Count:N0} images are left out, as {Options.Data.Quarantine} says")],
        .. _views.SwitchedOff.Select(left => $"images of {_views.ViewShape[0]} channels: {left} is switched off"),
    ];

    /// <inheritdoc />
    internal override Action<int>? Decode => _source.IsInMemory ? null : index => _source.Read(index);

    /// <inheritdoc />
    internal override void Read(int index) => _images.Read(index);

    /// <inheritdoc />
    internal override Backbone CreateBackbone(RunOptions options, long seed) => BackboneFactory.Create(options.Backbone, seed);

    /// <inheritdoc />
    internal override void SaveEncoder(string path, Backbone encoder, bool ownBackbone) =>
        EncoderFile.Save(path, encoder, ownBackbone ? null : Options.Backbone, Metadata);

    /// <inheritdoc />
    internal override IReadOnlyDictionary<string, string> EncoderNotes(bool ownBackbone) =>
        EncoderFile.NotesOf(ownBackbone ? null : Options.Backbone, Metadata);

    /// <inheritdoc />
    internal override void PassMessages(Action<string> say) => _cache?.PassMessages(say);

    /// <inheritdoc />
    internal override void Report(Action<string> say)
    {
        if (_cache is not null)
        {
            _cache.PassMessages(say);
            say($"cache folder {Options.Data.CacheFolder}: {_cache.Served:N0} images came from it, {_cache.Decoded:N0} were decoded; it takes {_cache.Bytes >> 20:N0} MiB");
        }
    }

    /// <summary>Fills in what the data and the machine decide.</summary>
    private static RunOptions Resolve(RunOptions options, int channels)
    {
        int workers = options.Data.Workers > 0 ? options.Data.Workers : TorchRuntime.DataThreads;
        return options with
        {
            Data = options.Data with { Channels = channels, Workers = workers },
            Backbone = options.Backbone with { ImageSize = options.Data.ImageSize, InputChannels = channels },
            Views = options.Views with { Mean = [.. options.Views.MeanFor(channels)], Std = [.. options.Views.StdFor(channels)] },
        };
    }

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
        if (trainData.ClassNames.Count < 2)
        {
            throw new UnusableDataException($"{train} has {trainData.ClassNames.Count} classes; evaluation needs a folder with one sub-folder a class and at least two classes.");
        }
        return (new ImageEvalSource(Packed(trainData), transform), new ImageEvalSource(Packed(testData), transform));
    }

    /// <summary>A data set through the cache folder, where there is one.</summary>
    private ImageDataset Packed(ImageDataset data) => _cache is null ? data : new PackedImages(data, _cache);
}
