using System.Runtime.ExceptionServices;
using System.Text;

namespace ByolSharp.Sources;

/// <summary>Samples that are members of tar files. Only headers are read when opening; a member is read at its place.</summary>
internal sealed class TarShards : StoredSamples
{
    private const int LongestClassName = 4096;
    private readonly TarMember[] _members;

    private TarShards(TarMember[] members, string[] names, ClassLabels labels) : base(names, labels) => _members = members;

    /// <summary>Opens one or more shards.</summary>
    public static TarShards Open(string[] shards, FileKind kind, IReadOnlyList<string>? classNames)
    {
        shards = [.. shards.Order(StringComparer.Ordinal)];
        var contents = ReadAll(shards);
        var samples = new Dictionary<string, TarMember>(contents.Sum(members => members.Count), StringComparer.Ordinal);
        var classes = new Dictionary<string, TarMember>(StringComparer.Ordinal);
        for (int shard = 0; shard < shards.Length; shard++)
        {
            string prefix = shards.Length == 1 ? "" : Path.GetFileName(shards[shard]) + "/";
            foreach (TarMember member in contents[shard])
            {
                // As in unpacking, the last member of a name counts.
                if (kind.Fits(member.Name) && !FileFolder.IsHidden(member.Name))
                {
                    samples[prefix + member.Name] = member;
                }
                else if (member.Name.EndsWith(".cls", StringComparison.OrdinalIgnoreCase))
                {
                    classes[prefix + Stem(member.Name)] = member;
                }
            }
        }

        if (samples.Count == 0)
        {
            string where = shards.Length == 1 ? $"'{shards[0]}'" : $"the {shards.Length} shards at '{Path.GetDirectoryName(shards[0])}'";
            throw new UnusableDataException($"no {kind.Many} in {where}: looked for members {string.Join(' ', kind.Extensions)}");
        }

        string[] names = [.. samples.Keys];
        TarMember[] members = [.. samples.Values];
        Array.Sort(names, members, StringComparer.Ordinal);
        string?[] labels = FirstFolders(Array.ConvertAll(members, m => m.Name));
        for (int i = 0; i < names.Length; i++)
        {
            labels[i] = classes.TryGetValue(Stem(names[i]), out TarMember cls) ? ClassName(cls) : labels[i];
        }

        return new TarShards(members, names, ClassLabels.FromNamesOrNumbers(labels, classNames));
    }

    /// <summary>The members of each shard, read by all cores: a million headers take ten seconds of a core.</summary>
    private static List<TarMember>[] ReadAll(string[] shards)
    {
        var contents = new List<TarMember>[shards.Length];
        try
        {
            Parallel.For(0, shards.Length, i => contents[i] = TarIndex.Read(shards[i]));
        }
        catch (AggregateException errors)
        {
            ExceptionDispatchInfo.Throw(errors.InnerExceptions[0]);
        }
        return contents;
    }

    internal override StoredFile FileOf(int index) => _members[index].File;

    /// <summary>
    /// The first folder level below the one that all members share, which is where <c>tar cf train.tar train</c> puts them.
    /// </summary>
    private static string?[] FirstFolders(string[] names)
    {
        string?[] folders = Array.ConvertAll(names, FileFolder.FirstFolder);
        bool isShared = folders[0] is not null && Array.TrueForAll(folders, f => f == folders[0]);
        string[] below = isShared ? Array.ConvertAll(names, n => n[(folders[0]!.Length + 1)..]) : [];
        return isShared && Array.TrueForAll(below, n => n.Contains('/')) ? FirstFolders(below) : folders;
    }

    private static string ClassName(TarMember member)
    {
        if (member.Length > LongestClassName)
        {
            throw new UnusableDataException($"member '{member.Name}' of '{member.Shard}' is too long for a class name");
        }

        return Encoding.UTF8.GetString(member.File.Read()).Trim();
    }

    /// <summary>What the members of one sample have in common: the name up to the first dot behind the folders.</summary>
    private static string Stem(string name) =>
        name.IndexOf('.', name.LastIndexOf('/') + 1) is >= 0 and int dot ? name[..dot] : name;
}
