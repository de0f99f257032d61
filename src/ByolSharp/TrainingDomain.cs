using System.Text.Json.Nodes;
using ByolSharp.Export;
using ByolSharp.Images.Caching;
using ByolSharp.Sources;
using ByolSharp.Training;

namespace ByolSharp;

/// <summary>
/// What one kind of data brings to pre-training: views, backbones, evaluation and the files that cannot be read. <see cref="Pretraining"/> knows
/// nothing else of it.
/// </summary>
internal abstract class TrainingDomain : IDisposable
{
    private readonly List<IDisposable> _opened = [];
    private ImageCacheFolder? _cache;

    /// <summary>The options with what the data and the machine decide filled in.</summary>
    internal abstract RunOptions Options { get; }

    /// <summary>The views of the samples.</summary>
    internal abstract IViewSource Views { get; }

    /// <summary>Classes of the labels that the samples have; 0 where there are none.</summary>
    internal abstract int ClassCount { get; }

    /// <summary>Labelled samples of the online kNN, or null.</summary>
    internal abstract (IEvalSource Train, IEvalSource Test)? Evaluation { get; }

    /// <summary>Samples that could not be read so far.</summary>
    internal abstract Quarantine Quarantine { get; }

    /// <summary>What a user should know before the first step, a line each.</summary>
    internal virtual IReadOnlyList<string> Remarks => [];

    /// <summary>How hidden parts of views are learned from; null: not at all.</summary>
    internal virtual PartObjective? Parts => null;

    /// <summary>Decodes a sample without any cache, or null where pixels are in memory anyway.</summary>
    internal abstract Action<int>? Decode { get; }

    /// <summary>Reads a sample as views do, through the caches.</summary>
    internal abstract void Read(int index);

    /// <summary>A network of this domain as the options describe it.</summary>
    internal abstract Backbone CreateBackbone(RunOptions options, long seed);

    /// <summary>Fills a network with the weights that a run starts from.</summary>
    /// <exception cref="StorageException">They do not fit.</exception>
    internal virtual void LoadWeights(string path, Backbone backbone) => EncoderFile.LoadWeights(path, backbone);

    /// <summary>Writes an encoder with what is needed to use it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="encoder">The encoder.</param>
    /// <param name="ownBackbone">True for a network of the caller's own, which the file cannot describe.</param>
    internal void SaveEncoder(string path, Backbone encoder, bool ownBackbone) =>
        EncoderFile.Save(path, encoder, ownBackbone ? null : Options.Backbone, Metadata);

    /// <summary>Notes by which a checkpoint is an encoder file too.</summary>
    /// <param name="ownBackbone">As in <see cref="SaveEncoder"/>.</param>
    internal IReadOnlyDictionary<string, string> EncoderNotes(bool ownBackbone) => EncoderFile.NotesOf(ownBackbone ? null : Options.Backbone, Metadata);

    /// <summary>Writes what the domain adds to a run directory.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    internal virtual void WriteTo(RunDirectory run) { }

    /// <summary>Adds what is measured of the encoder to a line of metrics.jsonl.</summary>
    internal virtual void AddMetrics(JsonObject line, Backbone encoder) { }

    /// <summary>Passes on what happened in the background since the last call.</summary>
    internal void PassMessages(Action<string> say) => _cache?.PassMessages(say);

    /// <summary>What a user should know after the last step.</summary>
    internal void Report(Action<string> say)
    {
        if (_cache is not null)
        {
            PassMessages(say);
            say($"cache folder {Options.Data.CacheFolder}: {_cache.Served:N0} samples came from it, {_cache.Decoded:N0} were decoded; it takes {_cache.Bytes >> 20:N0} MiB");
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var opened in _opened)
        {
            opened.Dispose();
        }
    }

    /// <summary>Remembers something to be disposed with the domain.</summary>
    protected T Own<T>(T opened)
        where T : IDisposable
    {
        _opened.Add(opened);
        return opened;
    }

    /// <summary>How samples are prepared for the encoder.</summary>
    protected virtual EncoderMetadata Metadata =>
        new() { ImageSize = Options.Data.EvalImageSize, Mean = [.. Options.Views.Mean!], Std = [.. Options.Views.Std!] };

    /// <summary>Fills in what the data and the machine decide.</summary>
    /// <param name="options">As the user gave them.</param>
    /// <param name="channels">Channels of the views.</param>
    /// <param name="workers">Data threads where the user names no number; null: one less than the cores.</param>
    protected static RunOptions Resolve(RunOptions options, int channels, int? workers = null) => options with
    {
        Data = options.Data with { Channels = channels, Workers = WorkersOf(options.Data, workers) },
        Backbone = options.Backbone with { ImageSize = options.Data.ImageSize, InputChannels = channels },
        Views = options.Views with { Mean = [.. options.Views.MeanFor(channels)], Std = [.. options.Views.StdFor(channels)] },
    };

    /// <summary>Data threads: as many as asked for, or what the machine has to give.</summary>
    protected static int WorkersOf(DataOptions options, int? otherwise = null) => options.Workers > 0 ? options.Workers : otherwise ?? TorchRuntime.DataThreads;

    /// <summary>The cache on disk, or null where the options name none.</summary>
    protected ImageCacheFolder? OpenCache(DataOptions options) => _cache =
        options.CacheFolder is { Length: > 0 } folder ? Own(ImageCacheFolder.Open(folder, options.CacheFolderMegabytes * (1L << 20))) : null;

    /// <summary>Says how many samples the user's list leaves out, where it does.</summary>
    protected static IEnumerable<string> LeftOut(DataOptions options, int all, int kept)
    {
        if (kept < all)
        {
            yield return FormattableString.Invariant($"{all - kept:N0} of {all:N0} samples are left out, as {options.Quarantine} says");
        }
    }
}
