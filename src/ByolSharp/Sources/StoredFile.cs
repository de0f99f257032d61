using System.Globalization;
using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace ByolSharp.Sources;

/// <summary>Where an encoded sample lies: a file, or a part of one. Each reading opens it anew, so any number of threads works within the limit of open files.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Where the sample begins in it, in bytes.</param>
/// <param name="Length">Bytes of the sample; null: all of the file.</param>
internal readonly record struct StoredFile(string Path, long Offset = 0, long? Length = null)
{
    /// <summary>Which file, which state of it and which part; null where it is not there.</summary>
    internal string? Stamp => FileStamp.Of(Path) is not { } file ? null
        : Length is null ? file : string.Create(CultureInfo.InvariantCulture, $"{file}|{Offset}|{Length}");

    /// <summary>All bytes of the sample.</summary>
    /// <exception cref="UnreadableSampleException">The file is missing, may not be read, or ends inside the sample.</exception>
    internal byte[] Read()
    {
        try
        {
            return Length is null ? File.ReadAllBytes(Path) : ReadPart();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnreadableSampleException("no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableSampleException($"cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Hash of all bytes of the sample.</summary>
    /// <exception cref="UnreadableSampleException">As in <see cref="Read"/>.</exception>
    internal UInt128 ContentHash() => XxHash128.HashToUInt128(Read());

    private byte[] ReadPart()
    {
        using SafeFileHandle file = File.OpenHandle(Path, options: FileOptions.RandomAccess);
        if (Offset + Length > RandomAccess.GetLength(file))
        {
            throw new UnreadableSampleException($"truncated: '{System.IO.Path.GetFileName(Path)}' ends inside it");
        }
        if (Length > Array.MaxLength)
        {
            throw new UnreadableSampleException(FormattableString.Invariant($"too large: {Length:N0} bytes"));
        }
        var content = new byte[Length!.Value];
        for (int read = 0; read < content.Length;)
        {
            int more = RandomAccess.Read(file, content.AsSpan(read), Offset + read);
            read += more > 0 ? more : throw new EndOfStreamException($"'{System.IO.Path.GetFileName(Path)}' has become shorter");
        }
        return content;
    }
}
