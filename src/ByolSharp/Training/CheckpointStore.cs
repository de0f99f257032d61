using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ByolSharp.Export;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>What a checkpoint's manifest says.</summary>
/// <param name="FormatVersion">Version of the layout.</param>
/// <param name="Step">Steps done.</param>
/// <param name="ConfigHash">Hash of the options that shape the training.</param>
/// <param name="StateChecksum">XxHash128 of state.safetensors.</param>
/// <param name="Best">The best state so far, or null.</param>
public sealed record CheckpointManifest(int FormatVersion, long Step, string ConfigHash, string StateChecksum, BestCheckpoint? Best)
{
    /// <summary>The version written today.</summary>
    public const int CurrentVersion = 1;

    /// <summary>XxHash128 of this manifest without it; null in files of before there was one.</summary>
    public string? ManifestChecksum { get; init; }
}

/// <summary>
/// Checkpoints of a run: "last", the newest few before it as "step-N", and "best". Each is a folder with state.safetensors and
/// manifest.json that is built aside and renamed, so it is whole or absent whenever the process dies.
/// </summary>
/// <param name="folder">Where the checkpoints lie.</param>
/// <param name="keep">Checkpoints kept besides the best.</param>
/// <param name="notes">For the header of the states, so that each can be read as an encoder file too; null for none.</param>
public sealed class CheckpointStore(string folder, int keep, IReadOnlyDictionary<string, string>? notes = null)
{
    /// <summary>The tensors in a checkpoint's folder.</summary>
    public const string StateFile = "state.safetensors";

    /// <summary>The manifest in a checkpoint's folder.</summary>
    public const string ManifestFile = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(), // named, for programs that switch reflection off by default
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Folder of the newest checkpoint.</summary>
    internal string Last => Path.Combine(folder, "last");

    /// <summary>Folder of the best one.</summary>
    internal string Best => Path.Combine(folder, "best");

    /// <summary>Saves the state as "last"; old ones beyond the number kept are deleted.</summary>
    /// <exception cref="StorageException">It cannot be written; the checkpoint before is untouched.</exception>
    public void Save(TrainState state, string configHash, BestCheckpoint? best) => Save(state, Last, configHash, best, partial =>
    {
        Promote(partial);
        Prune();
    });

    /// <summary>Saves the state as "best", in place of the one before.</summary>
    /// <inheritdoc cref="Save(TrainState, string, BestCheckpoint?)" path="/exception"/>
    public void SaveBest(TrainState state, string configHash, BestCheckpoint best) => Save(state, Best, configHash, best, partial =>
    {
        DeleteIfThere(Best);
        Directory.Move(partial, Best);
    });

    /// <summary>Loads the newest checkpoint that is whole into the state.</summary>
    /// <param name="state">Made with the same options.</param>
    /// <param name="configHash">Hash of the present options.</param>
    /// <param name="warn">Told about checkpoints that were passed over.</param>
    /// <returns>The manifest, or null where there is no checkpoint yet.</returns>
    /// <exception cref="StorageException">There are checkpoints, and none is whole.</exception>
    public CheckpointManifest? LoadNewest(TrainState state, string configHash, Action<string> warn)
    {
        string[] unreadable = [.. Folders().Where(path => ReadManifest(path) is null)];
        foreach (string path in unreadable)
        {
            warn($"the manifest of checkpoint {Path.GetFileName(path)} is damaged; passing it over.");
        }
        bool isAnyDamaged = unreadable.Length > 0;
        foreach (var (path, manifest) in Newest())
        {
            if (manifest.ConfigHash != configHash)
            {
                throw new ConfigurationException(
                    "the run was started with other options; resume with the same ones (config.json has them), or start a new run with --init-from.");
            }
            if (Checksum(Path.Combine(path, StateFile)) != manifest.StateChecksum)
            {
                warn($"checkpoint {Path.GetFileName(path)} (step {manifest.Step}) is damaged; using the one before.");
                isAnyDamaged = true;
                continue;
            }
            Load(state, path, manifest);
            return manifest;
        }
        return isAnyDamaged ? throw new StorageException($"no checkpoint in {folder} is whole; start anew with --overwrite.") : null;
    }

    /// <summary>The manifest of a checkpoint whose manifest and state fit their checksums, or null.</summary>
    /// <param name="folder">The folder of the checkpoint.</param>
    public static CheckpointManifest? ReadWhole(string folder) =>
        ReadManifest(folder) is { } manifest && Checksum(Path.Combine(folder, StateFile)) == manifest.StateChecksum ? manifest : null;

    private void Save(TrainState state, string path, string configHash, BestCheckpoint? best, Action<string> put)
    {
        string partial = path + ".partial";
        try
        {
            Write(state, partial, configHash, best);
            put(partial);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException)
        {
            DeleteIfThere(partial);
            throw new StorageException(
                $"cannot save the checkpoint of step {state.Step} in {folder}: {failure.Message.TrimEnd('.')}; the one before is untouched. Make room and --resume.", failure);
        }
    }

    private void Write(TrainState state, string path, string configHash, BestCheckpoint? best)
    {
        DeleteIfThere(path);
        Directory.CreateDirectory(path);
        string stateFile = Path.Combine(path, StateFile);
        using (var scope = NewDisposeScope())
        {
            SafeTensors.Write(stateFile, [.. state.NamedTensors(), ("rng.torch", get_rng_state())], notes);
        }
        var manifest = new CheckpointManifest(CheckpointManifest.CurrentVersion, state.Step, configHash, Checksum(stateFile), best);
        using var file = new FileStream(Path.Combine(path, ManifestFile), FileMode.Create);
        JsonSerializer.Serialize(file, manifest with { ManifestChecksum = Checksum(manifest) }, Json);
        file.Flush(flushToDisk: true);
    }

    /// <summary>A crash between the two renames leaves the older checkpoint, which is whole.</summary>
    private void Promote(string partial)
    {
        if (ReadManifest(Last) is { } previous)
        {
            string older = StepFolder(previous.Step);
            DeleteIfThere(older);
            Directory.Move(Last, older);
        }
        DeleteIfThere(Last);
        Directory.Move(partial, Last);
    }

    private void Prune()
    {
        foreach (var (path, _) in Newest().Skip(keep))
        {
            DeleteIfThere(path);
        }
    }

    private IEnumerable<string> Folders() =>
        (Directory.Exists(folder) ? Directory.GetDirectories(folder, "step-*").Append(Last) : [])
        .Where(path => Directory.Exists(path) && !path.EndsWith(".partial", StringComparison.Ordinal));

    private IEnumerable<(string Path, CheckpointManifest Manifest)> Newest() =>
        Folders()
        .Select(path => (Path: path, Manifest: ReadManifest(path)))
        .Where(c => c.Manifest is not null)
        .OrderByDescending(c => c.Manifest!.Step)
        .Select(c => (c.Path, c.Manifest!));

    private static void Load(TrainState state, string path, CheckpointManifest manifest)
    {
        using var scope = NewDisposeScope();
        var tensors = SafeTensors.Read(Path.Combine(path, StateFile)).Tensors;
        state.Load(tensors, manifest.Step);
        set_rng_state(tensors["rng.torch"]);
    }

    /// <summary>The manifest, or null where it is absent, damaged or of a newer format.</summary>
    private static CheckpointManifest? ReadManifest(string path)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllText(Path.Combine(path, ManifestFile)), Json);
            bool isWhole = manifest?.FormatVersion == CheckpointManifest.CurrentVersion
                && (manifest.ManifestChecksum is not { } checksum || checksum == Checksum(manifest));
            return isWhole ? manifest : null;
        }
        catch (Exception damage) when (damage is IOException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Checksum(CheckpointManifest manifest) =>
        Convert.ToHexStringLower(XxHash128.Hash(JsonSerializer.SerializeToUtf8Bytes(manifest with { ManifestChecksum = null }, Json)));

    private static string Checksum(string path)
    {
        if (!File.Exists(path))
        {
            return "";
        }
        var hash = new XxHash128();
        using var file = File.OpenRead(path);
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private string StepFolder(long step) => Path.Combine(folder, $"step-{step:D8}");

    private static void DeleteIfThere(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
