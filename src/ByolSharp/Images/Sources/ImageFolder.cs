namespace ByolSharp.Images.Sources;

/// <summary>Image files in a folder and the folders below it. Hidden files and folders are passed over.</summary>
internal static class ImageFolder
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.Hidden | FileAttributes.System,
    };

    /// <summary>What image files are called.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"];

    /// <summary>Whether a file name ends as those of images do; the content is looked at only when it is read.</summary>
    public static bool IsImageName(string name) =>
        Extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary>Opens a folder; null where it holds no image files.</summary>
    public static ImageFiles? TryOpen(string root, ImageSourceOptions options)
    {
        string[] names = [.. Directory.EnumerateFiles(root, "*", Everything)
            .Where(IsImageName)
            .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
            .Where(name => !IsHidden(name))];
        if (names.Length == 0)
        {
            return null;
        }

        Array.Sort(names, StringComparer.Ordinal);
        return new ImageFiles(Path.GetFullPath(root), names, ClassLabels.FromNames(Array.ConvertAll(names, FirstFolder), options), options);
    }

    /// <summary>The first folder level of a name; null where it has none.</summary>
    public static string? FirstFolder(string name) => name.IndexOf('/') is > 0 and int end ? name[..end] : null;

    /// <summary>Whether a part of the path starts with a dot, as ._ files that macOS leaves behind do.</summary>
    public static bool IsHidden(string name) => name.StartsWith('.') || name.Contains("/.", StringComparison.Ordinal);
}
