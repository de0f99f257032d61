using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ByolSharp.Distributed;
using ByolSharp.Images;
using ByolSharp.Images.Backbones;
using ByolSharp.Optimizers;
using ByolSharp.Text;
using ByolSharp.Text.Backbones;
using ByolSharp.Training;
using ByolSharp.Video;
using ByolSharp.Video.Backbones;

namespace ByolSharp;

/// <summary>Who makes the views out of the crops.</summary>
public enum AugmentOn
{
    /// <summary>The data threads do all of it.</summary>
    Cpu,

    /// <summary>The data threads decode, crop and resize; the device of the network does colours, blur and normalisation, a batch at a time.</summary>
    Device,
}

/// <summary>What the samples are.</summary>
public enum DataKind
{
    /// <summary>Images.</summary>
    Images,

    /// <summary>Videos, of which clips are taken.</summary>
    Video,

    /// <summary>Texts, which are cut into tokens.</summary>
    Text,
}

/// <summary>Options of the data.</summary>
public sealed record DataOptions
{
    /// <summary>What the samples are. Default images.</summary>
    public DataKind Kind { get; init; } = DataKind.Images;

    /// <summary>Folder, list, tar shards or file with the training samples.</summary>
    public string Path { get; init; } = "";

    /// <summary>Side of the square views in pixels, 8 or more. Paper: 224.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>
    /// Side of the views of evaluation and embedding, as a multiple of imageSize, 0.5 to 4. Paper: 1. Random crops show things larger than whole
    /// images do; evaluating at a larger size makes up for it (Touvron et al. 2019, arXiv 1906.06423), and training at a smaller one is faster.
    /// </summary>
    public double EvalSizeRatio { get; init; } = 1;

    /// <summary>
    /// Side of the views at the first step as a share of imageSize, 0.25 to 1, from where it grows linearly until <see cref="FullSizeFrom"/>. Paper: 1.
    /// Steps on smaller views cost less, at first.
    /// </summary>
    public double StartSizeRatio { get; init; } = 1;

    /// <summary>When growing views have their full size: steps, epochs or a share of the training.</summary>
    public Duration FullSizeFrom { get; init; } = new(50, DurationUnit.Percent);

    /// <summary>Channels of the views; 0 takes those of the data.</summary>
    public int Channels { get; init; }

    /// <summary>Background threads that decode and augment; 0 uses one less than the cores, at least 1, and for videos as many as there are cores.</summary>
    public int Workers { get; init; }

    /// <summary>
    /// Who does the part of the augmentation that follows the crop. Default cpu. On a GPU, device leaves the cores free for decoding; the views are the
    /// same but for rounding.
    /// </summary>
    public AugmentOn AugmentOn { get; init; } = AugmentOn.Cpu;

    /// <summary>Batches held ready, 1 or more.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>Memory for decoded images, in MiB; what does not fit is decoded again in every epoch.</summary>
    public int CacheMegabytes { get; init; } = 4096;

    /// <summary>
    /// A folder that keeps decoded images on disk, so that later epochs and later runs decode nothing: 8 bits (16, float) a value,
    /// uncompressed, 0.6 MB for a photo of 400 x 534 pixels. Runs and data sets may share it; a file that changes is decoded again. Null or
    /// empty: none. It may be deleted whenever no run uses it.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>Disk space that cacheFolder may take, in MiB, 0 or more; what does not fit is decoded again in every epoch.</summary>
    public int CacheFolderMegabytes { get; init; } = 20_000;

    /// <summary>
    /// A list of samples to leave out, a name a line and after a tab, if anything, the reason, as <c>byol doctor DATA --quarantine FILE</c> writes
    /// it. Null: none.
    /// </summary>
    public string? Quarantine { get; init; }

    /// <summary>Share of samples that may be unreadable before the run stops, 0 to 1.</summary>
    public double MaxCorruptShare { get; init; } = 0.2;

    /// <summary>Largest image that is decoded, in pixels; larger ones count as unreadable.</summary>
    public long MaxPixels { get; init; } = new ImageSourceOptions().MaxPixels;

    /// <summary>
    /// Decodes a JPEG at the smallest of 1/8, 1/4, 1/2 and its full size whose short side is at least this, in pixels, 0 to 65535, for
    /// training and its online evaluation; 0 decodes at full size. Paper: 0. Photos of 400 x 534 decode 1.9 times as fast at 1/2, 2.9 at 1/4, 4
    /// at 1/8; small crops lose detail, because they are cut from the scaled image, so give at least twice the size of the views.
    /// </summary>
    public int DecodeShortSide { get; init; }

    /// <summary>Labelled data whose representations the online kNN votes with; none without evaluation.</summary>
    public string? EvalTrain { get; init; }

    /// <summary>Labelled data that the online kNN classifies.</summary>
    public string? EvalTest { get; init; }

    /// <summary>Side of the views of evaluation in pixels.</summary>
    [JsonIgnore]
    public int EvalImageSize => (int)Math.Round(ImageSize * EvalSizeRatio);

    /// <summary>Throws where a value is outside its range.</summary>
    public void Validate()
    {
        OptionCheck.Range("data.evalSizeRatio", EvalSizeRatio, 0.5, 4);
        OptionCheck.Range("data.startSizeRatio", StartSizeRatio, 0.25, 1);
        if (FullSizeFrom.Unit == DurationUnit.Seconds)
        {
            throw new ConfigurationException($"data.fullSizeFrom is {FullSizeFrom}; give it in steps, epochs or %.");
        }
        OptionCheck.Range("data.imageSize", ImageSize, 8, 4096);
        OptionCheck.Range("data.channels", Channels, 0, 4096);
        OptionCheck.Range("data.workers", Workers, 0, 256);
        OptionCheck.Range("data.prefetch", Prefetch, 1, 1024);
        OptionCheck.AtLeast("data.cacheMegabytes", CacheMegabytes, 0);
        OptionCheck.AtLeast("data.cacheFolderMegabytes", CacheFolderMegabytes, 0);
        OptionCheck.AtLeast("data.maxPixels", MaxPixels, 1);
        OptionCheck.Range("data.decodeShortSide", DecodeShortSide, 0, ushort.MaxValue);
        OptionCheck.Range("data.maxCorruptShare", MaxCorruptShare, 0, 1);
        if (EvalTrain is null != EvalTest is null)
        {
            throw new ConfigurationException("data.evalTrain and data.evalTest go together: give both --eval-train and --eval-test, or neither.");
        }
    }
}

/// <summary>All options of a pre-training run; config.json holds them resolved.</summary>
public sealed record RunOptions
{
    /// <summary>Keys that may change between a run and its continuation: they do not shape the result.</summary>
    internal static readonly string[] FreeKeys =
    [
        "preset", "device", "data.path", "data.workers", "data.prefetch", "data.cacheMegabytes", "data.cacheFolder", "data.cacheFolderMegabytes",
        "data.evalTrain", "data.evalTest", "data.maxCorruptShare", "data.maxPixels", "text.tokenizer",
        "trainer.checkpointEvery", "trainer.keepCheckpoints", "trainer.logEvery", "trainer.evaluateEvery", "trainer.evaluationSamples",
        "trainer.scoreEvery", "trainer.scoreSamples", "trainer.bestBy", "trainer.stopAfter", "video.evalClips", "video.evalCrops", "video.evalDifference",
        "trainer.onCollapse", "trainer.tensorBoard", "trainer.threads", "trainer.parallelViews",
        "replicas.engine", "replicas.timeout", "replicas.bucketKilobytes",
    ];

    /// <summary>The preset that the options started from.</summary>
    public string Preset { get; init; } = Presets.Default;

    /// <summary>Seed of weights, sample order and views.</summary>
    public long Seed { get; init; }

    /// <summary>cpu, cuda or cuda:N.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Encoder weights to start from (a run directory or an encoder file), or null for random ones.</summary>
    public string? InitFrom { get; init; }

    /// <summary>The network f. Its image size and channels are taken from the data.</summary>
    public BackboneOptions Backbone { get; init; } = new();

    /// <summary>The method.</summary>
    public ByolOptions Byol { get; init; } = new();

    /// <summary>The data.</summary>
    public DataOptions Data { get; init; } = new();

    /// <summary>How clips are taken from videos; of no effect on images and texts.</summary>
    public VideoOptions Video { get; init; } = new();

    /// <summary>How texts are read, cut into tokens and drawn; of no effect on images and videos.</summary>
    public TextOptions Text { get; init; } = new();

    /// <summary>The augmentations T and T'.</summary>
    public ImageViewOptions Views { get; init; } = new();

    /// <summary>The optimizer and the learning rate.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>The training loop.</summary>
    public TrainerOptions Trainer { get; init; } = new();

    /// <summary>Training in several processes.</summary>
    public ReplicaOptions Replicas { get; init; } = new();

    /// <summary>Throws where a value is outside its range; the message names the key.</summary>
    public void Validate()
    {
        ComputeDevice.Validate(Device);
        Byol.Validate();
        Data.Validate();
        ValidateKind();
        if (Data.EvalImageSize != Data.ImageSize && BackboneFactory.HasFixedSize(Backbone.Name))
        {
            throw new ConfigurationException($"data.evalSizeRatio = {Data.EvalSizeRatio} does not work with {Backbone.Name}, whose positions fit one size: set it to 1.");
        }
        if ((Data.StartSizeRatio != 1 || Byol.TargetSizeRatio != 1) && BackboneFactory.HasFixedSize(Backbone.Name))
        {
            throw new ConfigurationException(
                $"data.startSizeRatio and byol.targetSizeRatio do not work with {Backbone.Name}, whose positions fit one size: set them to 1.");
        }
        Views.Validate();
        Optimizer.Validate();
        Trainer.Validate();
        Replicas.Validate();
        if (Trainer.BestBy == BestBy.Knn && Data.EvalTrain is null)
        {
            throw new ConfigurationException("trainer.bestBy = knn needs labelled data: give --eval-train and --eval-test, or another rule.");
        }
        if (Trainer.StopAfter.Value > 0 && Trainer.ScoreEvery.Value == 0 && Data.EvalTrain is null)
        {
            throw new ConfigurationException("trainer.stopAfter needs a score, and trainer.scoreEvery = 0steps switches it off: give it a time.");
        }
    }

    /// <summary>What one kind of data has and the others have not.</summary>
    private void ValidateKind()
    {
        Video.Validate();
        Text.Validate();
        string kind = JsonNamingPolicy.CamelCase.ConvertName(Data.Kind.ToString());
        if (KindOf(Backbone.Name) != Data.Kind)
        {
            var known = Data.Kind switch { DataKind.Video => VideoBackbones.Names, DataKind.Text => TextBackbones.Names, _ => BackboneFactory.Names };
            throw new ConfigurationException(
                $"backbone.name = {Backbone.Name} does not work with data.kind = {kind}: choose one of {string.Join(", ", known)}, or the other kind.");
        }
        if (Data.Kind == DataKind.Images)
        {
            return;
        }
        if (Data.AugmentOn != AugmentOn.Cpu || Data.StartSizeRatio != 1 || Byol.TargetSizeRatio != 1)
        {
            throw new ConfigurationException($"data.augmentOn = device, data.startSizeRatio and byol.targetSizeRatio are for images: leave them out with data.kind = {kind}.");
        }
        if (Backbone.Norm != NormKind.Batch)
        {
            throw new ConfigurationException($"backbone.norm = group is for images: leave it out with data.kind = {kind}.");
        }
    }

    /// <summary>What a backbone is for; an unknown one counts as one for images.</summary>
    internal static DataKind KindOf(string backbone) =>
        VideoBackbones.Names.Contains(backbone) ? DataKind.Video : TextBackbones.Names.Contains(backbone) ? DataKind.Text : DataKind.Images;

    /// <summary>Hash of everything that shapes the result; a run resumes only with the same.</summary>
    public string Hash()
    {
        var tree = OptionsJson.ToTree(this);
        foreach (string key in FreeKeys)
        {
            string[] parts = key.Split('.');
            var group = parts.Length == 1 ? tree : tree[parts[0]] as JsonObject;
            group?.Remove(parts[^1]);
        }
        if (Replicas.SyncBatchNorm)
        {
            tree.Remove("replicas"); // any number of them gives the same, as does a run of before there were any
        }
        if (Data.Kind != DataKind.Video)
        {
            tree.Remove("video");
        }
        if (Data.Kind != DataKind.Text)
        {
            tree.Remove("text");
        }
        if (Data.Kind == DataKind.Images)
        {
            tree["data"]!.AsObject().Remove("kind");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tree.ToJsonString())))[..16];
    }
}
