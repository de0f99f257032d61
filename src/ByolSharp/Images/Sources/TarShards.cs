using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Images.Sources;

/// <summary>
/// Images that are members of tar files. Only headers are read when opening; a member is read at its place, by a file handle of its
/// own, so that any number of threads and shards works within the limit of open files.
/// </summary>
internal sealed class TarShards : EncodedImages
{
    private const int LongestClassName = 4096;
    private readonly TarMember[] _members;

    private TarShards(TarMember[] members, string[] names, ClassLabels labels, ImageSourceOptions options) : base(names, labels, options) =>
        _members = members;

    /// <summary>Opens one or more shards.</summary>
    public static TarShards Open(string[] shards, ImageSourceOptions options)
    {
        shards = [.. shards.Order(StringComparer.Ordinal)];
        var images = new SortedDictionary<string, TarMember>(StringComparer.Ordinal);
        var classes = new Dictionary<string, TarMember>(StringComparer.Ordinal);
        foreach (string shard in shards)
        {
            string prefix = shards.Length == 1 ? "" : Path.GetFileName(shard) + "/";
            foreach (TarMember member in TarIndex.Read(shard))
            {
                // As in unpacking, the last member of a name counts.
                if (ImageFolder.IsImageName(member.Name) && !ImageFolder.IsHidden(member.Name))
                {
                    images[prefix + member.Name] = member;
                }
                else if (member.Name.EndsWith(".cls", StringComparison.OrdinalIgnoreCase))
                {
                    classes[prefix + Stem(member.Name)] = member;
                }
            }
        }

        if (images.Count == 0)
        {
            string where = shards.Length == 1 ? $"'{shards[0]}'" : $"the {shards.Length} shards at '{Path.GetDirectoryName(shards[0])}'";
            throw new UnusableDataException($"no images in {where}: looked for members {string.Join(' ', ImageFolder.Extensions)}");
        }

        string[] names = [.. images.Keys];
        TarMember[] members = [.. images.Values];
        string?[] labels = FirstFolders(Array.ConvertAll(members, m => m.Name));
        for (int i = 0; i < names.Length; i++)
        {
            labels[i] = classes.TryGetValue(Stem(names[i]), out TarMember cls) ? ClassName(cls) : labels[i];
        }

        return new TarShards(members, names, ClassLabels.FromNamesOrNumbers(labels, options), options);
    }

    public override Image Read(int index)
    {
        try
        {
            return Decoder.Decode(Content(_members[index]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableSampleException($"cannot be read: {e.Message}", e);
        }
    }

    protected override string? StampOf(int index)
    {
        TarMember member = _members[index];
        return FileStamp.Of(member.Shard) is { } shard ? string.Create(CultureInfo.InvariantCulture, $"{shard}|{member.Offset}|{member.Length}") : null;
    }

    /// <summary>
    /// The first folder level below the one that all members share, which is where <c>tar cf train.tar train</c> puts them.
    /// </summary>
    private static string?[] FirstFolders(string[] names)
    {
        string?[] folders = Array.ConvertAll(names, ImageFolder.FirstFolder);
        bool isShared = folders[0] is not null && Array.TrueForAll(folders, f => f == folders[0]);
        string[] below = isShared ? Array.ConvertAll(names, n => n[(folders[0]!.Length + 1)..]) : [];
        return isShared && Array.TrueForAll(below, n => n.Contains('/')) ? FirstFolders(below) : folders;
    }

    private static byte[] Content(TarMember member)
    {
        using SafeFileHandle shard = File.OpenHandle(member.Shard, options: FileOptions.RandomAccess);
        if (member.Offset + member.Length > RandomAccess.GetLength(shard))
        {
            throw new UnreadableSampleException($"truncated: '{Path.GetFileName(member.Shard)}' ends inside it");
        }

        if (member.Length > Array.MaxLength)
        {
            throw new UnreadableSampleException(FormattableString.Invariant($"too large: {member.Length:N0} bytes"));
        }

        var content = new byte[member.Length];
        for (int read = 0; read < content.Length;)
        {
            int more = RandomAccess.Read(shard, content.AsSpan(read), member.Offset + read);
            read += more > 0 ? more : throw new EndOfStreamException($"'{Path.GetFileName(member.Shard)}' has become shorter");
        }

        return content;
    }

    private static string ClassName(TarMember member)
    {
        if (member.Length > LongestClassName)
        {
            throw new UnusableDataException($"member '{member.Name}' of '{member.Shard}' is too long for a class name");
        }

        return Encoding.UTF8.GetString(Content(member)).Trim();
    }

    /// <summary>What the members of one sample have in common: the name up to the first dot behind the folders.</summary>
    private static string Stem(string name) =>
        name.IndexOf('.', name.LastIndexOf('/') + 1) is >= 0 and int dot ? name[..dot] : name;
}
