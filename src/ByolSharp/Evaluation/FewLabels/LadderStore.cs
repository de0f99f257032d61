using System.Globalization;
using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace ByolSharp.Evaluation.FewLabels;

/// <summary>
/// Finished cells of a ladder in a folder, one small JSON file each, written aside and renamed. Its name holds a hash of all that decides the
/// cell, so that a changed encoder, set or setting is simply not found, and several ladders may share a folder.
/// </summary>
public sealed class LadderStore
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };

    private readonly string _folder;

    /// <summary>Opens or makes the folder.</summary>
    /// <exception cref="ConfigurationException">It cannot be made.</exception>
    public LadderStore(string folder)
    {
        try
        {
            _folder = Directory.CreateDirectory(folder).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"the folder {folder} cannot be made ({e.Message}); name another one with --out.", e);
        }
    }

    /// <summary>A finished cell, or null where there is none or its file is damaged.</summary>
    internal LadderCell? Find(string rung, double share, long seed, string identity)
    {
        string file = FileOf(rung, share, seed, identity);
        if (!File.Exists(file))
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize<LadderCell>(File.ReadAllText(file), Json) is { IsWhole: true } cell ? cell : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps a finished cell.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    internal void Keep(LadderCell cell, string identity)
    {
        string file = FileOf(cell.Rung, cell.Share, cell.Seed, identity);
        try
        {
            File.WriteAllText(file + ".partial", JsonSerializer.Serialize(cell, Json) + "\n");
            File.Move(file + ".partial", file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{file}' cannot be written: {e.Message}", e);
        }
    }

    private string FileOf(string rung, double share, long seed, string identity)
    {
        ulong hash = XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(identity));
        return Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{rung}-{100 * share:0.####}pct-seed{seed}-{hash:x16}.json"));
    }
}
