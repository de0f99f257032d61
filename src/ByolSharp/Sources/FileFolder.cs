namespace ByolSharp.Sources;

/// <summary>Files of a kind in a folder and the folders below it. Hidden files and folders are passed over.</summary>
internal static class FileFolder
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    /// <summary>Opens a folder; null where it holds no such files.</summary>
    public static FilesBelow? TryOpen(string root, FileKind kind, IReadOnlyList<string>? classNames)
    {
        string[] names = [.. Directory.EnumerateFiles(root, "*", Everything)
            .Where(kind.Fits)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(name => !IsHidden(name))];
        if (names.Length == 0)
        {
            return null;
        }

        Array.Sort(names, StringComparer.Ordinal);
        return new FilesBelow(Path.GetFullPath(root), names, ClassLabels.FromNames(Array.ConvertAll(names, FirstFolder), classNames));
    }

    /// <summary>The first folder level of a name; null where it has none.</summary>
    public static string? FirstFolder(string name) => name.IndexOf('/') is > 0 and int end ? name[..end] : null;

    /// <summary>Whether a part of the path starts with a dot, as ._ files that macOS leaves behind do.</summary>
    public static bool IsHidden(string name) => name.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal);
}
