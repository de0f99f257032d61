using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Images.Caching;

/// <summary>A file of the cache that only grows: 16 bytes that say what it is (a name of 8, the version of the format, 4 unused), then content.</summary>
internal static class PackFile
{
    /// <summary>Bytes before the content.</summary>
    internal const int HeaderLength = 16;

    private const int Version = 1, VersionOffset = 8;

    /// <summary>Opens a file that others may read at the same time.</summary>
    /// <returns>Null where it is absent, too short, another program's, or of another version.</returns>
    internal static SafeFileHandle? TryOpen(string path, ReadOnlySpan<byte> name, bool isWriter)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        SafeFileHandle file = Open(path, FileMode.Open, isWriter ? FileAccess.ReadWrite : FileAccess.Read);
        Span<byte> header = stackalloc byte[HeaderLength];
        if (RandomAccess.Read(file, header, 0) == HeaderLength && header.SequenceEqual(HeaderOf(name)))
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Makes a file that holds nothing yet, in the place of one that may have been left alone there.</summary>
    internal static SafeFileHandle Create(string path, ReadOnlySpan<byte> name)
    {
        SafeFileHandle file = Open(path, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(file, HeaderOf(name), 0);
        return file;
    }

    private static SafeFileHandle Open(string path, FileMode mode, FileAccess access) =>
        File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);

    private static byte[] HeaderOf(ReadOnlySpan<byte> name)
    {
        var header = new byte[HeaderLength];
        name.CopyTo(header);
        header[VersionOffset] = Version;
        return header;
    }
}
