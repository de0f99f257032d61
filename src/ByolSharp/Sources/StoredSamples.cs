namespace ByolSharp.Sources;

/// <summary>Samples that are stored encoded, one sample one file or one member of an archive: what folders, lists and tar shards have in common.</summary>
internal abstract class StoredSamples(string[] names, ClassLabels labels)
{
    internal int Count => names.Length;

    internal IReadOnlyList<string> ClassNames => labels.Names;

    internal string NameOf(int index) => names[index];

    internal int LabelOf(int index) => labels.Of(index);

    /// <summary>Where a sample lies; made when it is asked for, since a million paths take room.</summary>
    internal abstract StoredFile FileOf(int index);
}

/// <summary>How the files of a domain are told from others, and called in messages.</summary>
/// <param name="One">One of them, such as <c>image</c>.</param>
/// <param name="Many">Several of them.</param>
/// <param name="Extensions">What their names end with, with the dot; the content is looked at only when it is read.</param>
internal sealed record FileKind(string One, string Many, IReadOnlyList<string> Extensions)
{
    /// <summary>Whether a file name ends as those of this kind do.</summary>
    internal bool Fits(string name) => Extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));
}
