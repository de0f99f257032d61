using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ByolSharp.Export.Torch;
using ByolSharp.Images.Backbones;
using ByolSharp.Text.Backbones;
using ByolSharp.Video.Backbones;
using static TorchSharp.torch;

namespace ByolSharp.Export;

/// <summary>
/// The encoder alone as a safetensors file: the keys are torchvision's or timm's, so Python loads it as it is; notes in the header let
/// <see cref="Load(string)"/> rebuild it without being told what it is.
/// </summary>
public static class EncoderFile
{
    internal const string EncoderKey = "byolsharp.encoder";
    private const string BackboneKey = "byolsharp.backbone";
    private const string BatchCount = "num_batches_tracked";
    private const string StateFile = "state.safetensors";
    private const int NamesShown = 5;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(), // named, for programs that switch reflection off by default
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The encoder file that a user means: the file itself, encoder.safetensors of a run directory, or the state in a checkpoint's folder.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static string PathIn(string source)
    {
        string[] files = Directory.Exists(source) ? [Path.Combine(source, "encoder.safetensors"), Path.Combine(source, StateFile)] : [source];
        return files.FirstOrDefault(File.Exists) ?? throw new ConfigurationException(
            Directory.Exists(source) ? $"{source} holds no encoder.safetensors; is it a run directory, and has the run saved a checkpoint?" : $"there is no run or encoder file {source}.");
    }

    /// <summary>Writes an encoder.</summary>
    /// <param name="path">The file; an existing one is replaced.</param>
    /// <param name="backbone">The encoder; its parameters may lie in memory as they like.</param>
    /// <param name="options">What it was built from; null for a network of the caller's own, which <see cref="LoadWeights"/> fills.</param>
    /// <param name="metadata">How its images are prepared.</param>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public static void Save(string path, Backbone backbone, BackboneOptions? options, EncoderMetadata metadata) =>
        SafeTensors.Write(path, backbone.state_dict().Select(entry => (entry.Key, entry.Value)), NotesOf(options, metadata));

    /// <summary>
    /// Rebuilds the encoder that <see cref="Save"/> or <see cref="ClassifierFile.Save"/> wrote, or the online one of a checkpoint's state, in evaluation
    /// mode.
    /// </summary>
    /// <exception cref="StorageException">The file is unreadable, was not written by this library, or its tensors do not fit.</exception>
    public static (Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata) Load(string path)
    {
        if (TorchCheckpoint.IsOne(path))
        {
            throw new ConfigurationException($"'{path}' holds weights and does not say of which network: name it with --backbone.");
        }
        using SafeTensorsFile file = SafeTensors.Read(path);
        return Load(file);
    }

    /// <summary>How an encoder's images or clips are prepared, without rebuilding it.</summary>
    /// <exception cref="StorageException">The file is unreadable or was not written by this library.</exception>
    public static EncoderMetadata ReadMetadata(string path)
    {
        using SafeTensorsFile file = SafeTensors.Read(path);
        return Note<EncoderMetadata>(file, EncoderKey);
    }

    /// <summary>Rebuilds the encoder of an open file; a classifier's linear layer is passed over.</summary>
    internal static (Backbone Backbone, BackboneOptions Options, EncoderMetadata Metadata) Load(SafeTensorsFile file)
    {
        var options = Note<BackboneOptions>(file, BackboneKey);
        var metadata = Note<EncoderMetadata>(file, EncoderKey);
        Backbone backbone = Build(options, metadata, file.Path);
        try
        {
            Fill(backbone, file.Path, file.Tensors, allowUnexpected: file.Metadata.ContainsKey(ClassifierFile.ClassesKey), PrefixIn(file));
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
        backbone.eval();
        return (backbone, options, metadata);
    }

    /// <summary>
    /// Copies the weights of a safetensors file, ours or torchvision's, or of a PyTorch file (.pth, .pt) into an encoder, in place. The keys of a
    /// PyTorch file may have the prefixes of lightly, solo-learn, byol-pytorch or MMSelfSup, and heads beside the encoder are passed over.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="backbone">Filled as a whole or, where anything does not fit, not at all.</param>
    /// <param name="allowUnexpected">Whether the file may hold more, such as a classifier.</param>
    /// <exception cref="StorageException">The file is unreadable or its tensors do not fit; the message lists them.</exception>
    public static void LoadWeights(string path, Backbone backbone, bool allowUnexpected = false)
    {
        if (TorchCheckpoint.IsOne(path))
        {
            using var checkpoint = TorchCheckpoint.Read(path);
            Fill(backbone, path, CheckpointKeys.For(checkpoint.Tensors, backbone.state_dict().Keys), allowUnexpected);
            return;
        }
        using SafeTensorsFile file = SafeTensors.Read(path);
        Fill(backbone, path, file.Tensors, allowUnexpected, PrefixIn(file));
    }

    /// <summary>Copies the encoder of one network out of a checkpoint into an encoder of the same shape, in place.</summary>
    /// <param name="checkpoint">The checkpoint's folder, for example <c>RUN/checkpoints/last</c>.</param>
    /// <param name="network"><c>online</c> or <c>target</c>.</param>
    /// <param name="backbone">Filled as a whole or, where anything does not fit, not at all.</param>
    /// <exception cref="StorageException">The checkpoint is unreadable or its tensors do not fit; the message lists them.</exception>
    public static void LoadCheckpoint(string checkpoint, string network, Backbone backbone)
    {
        using SafeTensorsFile file = SafeTensors.Read(Path.Combine(checkpoint, StateFile));
        Fill(backbone, file.Path, file.Tensors, allowUnexpected: true, PrefixOf(network));
    }

    private static string PrefixOf(string network) => $"{network}.encoder.";

    /// <summary>What stands before an encoder's keys: nothing, or in a checkpoint's state the online network's name.</summary>
    private static string PrefixIn(SafeTensorsFile file)
    {
        string prefix = PrefixOf("online");
        return file.Tensors.Keys.Any(key => key.StartsWith(prefix, StringComparison.Ordinal)) ? prefix : "";
    }

    /// <summary>Copies tensors into an encoder as a whole or, where anything does not fit, not at all.</summary>
    /// <param name="backbone">The encoder.</param>
    /// <param name="path">Where they come from, for the message.</param>
    /// <param name="tensors">By the encoder's keys.</param>
    /// <param name="allowUnexpected">Whether there may be more.</param>
    /// <param name="prefix">What stands before the encoder's keys.</param>
    internal static void Fill(Backbone backbone, string path, IReadOnlyDictionary<string, Tensor> tensors, bool allowUnexpected, string prefix = "")
    {
        Dictionary<string, Tensor> own = backbone.state_dict().ToDictionary(entry => prefix + entry.Key, entry => entry.Value);
        // As in PyTorch: files of old versions do not count batches, and the count is of no use to an encoder.
        string[] missing = [.. own.Keys.Where(k => !tensors.ContainsKey(k) && !k.EndsWith(BatchCount, StringComparison.Ordinal))];
        string[] unexpected = allowUnexpected || prefix.Length > 0 ? [] : [.. tensors.Keys.Where(k => !own.ContainsKey(k))];
        string[] misshaped = [.. own
            .Where(entry => tensors.TryGetValue(entry.Key, out Tensor? value) && !value.shape.SequenceEqual(entry.Value.shape))
            .Select(entry => $"{entry.Key} {Shape(tensors[entry.Key])} instead of {Shape(entry.Value)}")];
        string[] problems = [.. new[] { List("missing", missing), List("unexpected", unexpected), List("of another shape", misshaped) }.OfType<string>()];
        if (problems.Length > 0)
        {
            throw new StorageException($"'{path}' does not fit a {backbone.GetName()}: {string.Join("; ", problems)}");
        }
        using IDisposable noGradients = no_grad();
        foreach ((string name, Tensor value) in own)
        {
            if (tensors.TryGetValue(name, out Tensor? stored))
            {
                value.copy_(stored);
            }
        }
    }

    /// <summary>What lets <see cref="Load(string)"/> rebuild an encoder.</summary>
    internal static Dictionary<string, string> NotesOf(BackboneOptions? options, EncoderMetadata metadata)
    {
        var notes = new Dictionary<string, string>
        {
            ["format"] = "pt", // what Python's loaders ask for
            [EncoderKey] = JsonSerializer.Serialize(metadata, Json),
        };
        if (options is not null)
        {
            notes[BackboneKey] = JsonSerializer.Serialize(options, Json);
        }
        return notes;
    }

    /// <summary>A note of a file's header.</summary>
    /// <exception cref="StorageException">It is absent or not understood.</exception>
    internal static T Note<T>(SafeTensorsFile file, string key)
    {
        if (!file.Metadata.TryGetValue(key, out string? json))
        {
            throw new StorageException($"'{file.Path}' does not say what it is ('{key}' is missing from its metadata): load it into a backbone that you name");
        }
        try
        {
            return JsonSerializer.Deserialize<T>(json, Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new StorageException($"'{file.Path}' has '{key}' in its metadata, which this version does not understand: {e.Message}", e);
        }
    }

    private static Backbone Build(BackboneOptions options, EncoderMetadata metadata, string path)
    {
        try
        {
            return metadata.Text is { } text ? TextBackbones.Build(options, text.Options)
                : VideoBackbones.Names.Contains(options.Name) ? VideoBackbones.Build(options) : BackboneFactory.Build(options);
        }
        catch (ConfigurationException e)
        {
            throw new StorageException($"'{path}' asks for an encoder that this version cannot build: {e.Message}", e);
        }
    }

    private static string? List(string what, string[] names) => names.Length == 0 ? null
        : $"{names.Length} {what} ({string.Join(", ", names.Take(NamesShown))}{(names.Length > NamesShown ? ", ..." : "")})";

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
