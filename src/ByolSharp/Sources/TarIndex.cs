using System.Formats.Tar;

namespace ByolSharp.Sources;

/// <summary>A file inside a tar file.</summary>
internal readonly record struct TarMember(string Shard, string Name, long Offset, long Length)
{
    /// <summary>Its content.</summary>
    internal StoredFile File => new(Shard, Offset, Length);
}

/// <summary>The table of contents of a tar file, by its headers alone.</summary>
internal static class TarIndex
{
    /// <summary>All files in the shard; where it was cut short, those whose header is there.</summary>
    public static List<TarMember> Read(string shard)
    {
        using var file = new TarHeaders(shard);
        RefuseCompressed(shard, file);
        var members = new List<TarMember>();
        using var reader = new TarReader(file);
        while (Next(reader, shard, members.Count) is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
            {
                string name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
                members.Add(new TarMember(shard, name.TrimStart('/'), entry.DataOffset, entry.Length));
            }
        }

        return members;
    }

    private static TarEntry? Next(TarReader reader, string shard, int membersSoFar)
    {
        try
        {
            return reader.GetNextEntry();
        }
        catch (EndOfStreamException) when (membersSoFar > 0)
        {
            return null;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw new UnusableDataException(
                membersSoFar == 0 ? $"'{shard}' is no tar file" : $"'{shard}' is damaged behind its member {membersSoFar}", e);
        }
    }

    private static void RefuseCompressed(string shard, Stream file)
    {
        Span<byte> start = stackalloc byte[4];
        int read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        string? unpack = start[..read] switch
        {
            [0x1F, 0x8B, ..] => "gunzip",
            [0x28, 0xB5, 0x2F, 0xFD] => "unzstd",
            [(byte)'B', (byte)'Z', (byte)'h', _] => "bunzip2",
            [0xFD, (byte)'7', (byte)'z', (byte)'X'] => "unxz",
            _ => null,
        };
        if (unpack is not null)
        {
            throw new UnusableDataException(
                $"'{shard}' is compressed, but its members are read at their place: unpack it first ({unpack})");
        }
    }
}
