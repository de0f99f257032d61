namespace ByolSharp.Sources;

/// <summary>Samples that are files below a folder.</summary>
internal sealed class FilesBelow(string root, string[] names, ClassLabels labels) : StoredSamples(names, labels)
{
    internal override StoredFile FileOf(int index) => new(Path.Combine(root, NameOf(index)));
}
