using System.Globalization;

namespace ByolSharp.Sources;

/// <summary>Which file it is and which state of it: a file that was written anew has another stamp.</summary>
internal static class FileStamp
{
    /// <summary>Full path, length and time of the last change; null where there is no such file.</summary>
    internal static string? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            FileSystemInfo? target = file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) ? file.ResolveLinkTarget(returnFinalTarget: true) : file;
            return target is FileInfo { Exists: true } found
                ? string.Create(CultureInfo.InvariantCulture, $"{found.FullName}|{found.Length}|{found.LastWriteTimeUtc.Ticks}")
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // reading it will say what is wrong
        }
    }
}
