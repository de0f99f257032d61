using System.Buffers.Binary;

namespace ByolSharp.Tests.Fuzzing;

/// <summary>Damages whole files in the ways that break readers: lengths and counts at their limits, pieces cut, doubled, moved and mixed.</summary>
internal static class Mutations
{
    private const int MostChanges = 6;
    private static readonly byte[] Bytes = [0, 1, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'/', (byte)'.', (byte)'-', (byte)'9', (byte)'{', (byte)'['];
    private static readonly long[] Numbers = [0, 1, -1, 255, 65536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    /// <summary>A damaged copy; equal seeds and numbers give equal bytes.</summary>
    /// <param name="corpus">Whole files of one format.</param>
    /// <param name="seed">Seed of all of them.</param>
    /// <param name="number">Which one.</param>
    internal static byte[] Make(IReadOnlyList<byte[]> corpus, long seed, long number)
    {
        var random = new SampleRandom(seed, number);
        byte[] file = [.. corpus[Below(ref random, corpus.Count)]];
        for (int changes = 1 + Below(ref random, MostChanges); changes > 0 && file.Length > 0; changes--)
        {
            file = Change(file, corpus, ref random);
        }
        return file;
    }

    private static byte[] Change(byte[] file, IReadOnlyList<byte[]> corpus, ref SampleRandom random)
    {
        // Headers stand at the beginning and decide most: every other change falls there.
        int place = Below(ref random, Below(ref random, 2) == 0 ? file.Length : Math.Min(file.Length, 128));
        int length = 1 + Below(ref random, Math.Min(file.Length - place, 64));
        switch (Below(ref random, 8))
        {
            case 0:
                file[place] ^= (byte)(1 << Below(ref random, 8));
                return file;
            case 1:
                file[place] = Bytes[Below(ref random, Bytes.Length)];
                return file;
            case 2:
                return Number(file, place, Numbers[Below(ref random, Numbers.Length)], Below(ref random, 4));
            case 3:
                return file[..place];
            case 4:
                return [.. file[..place], .. file[(place + length)..]];
            case 5:
                return [.. file[..(place + length)], .. file[place..]];
            case 6:
                file[place] = (byte)Below(ref random, 256);
                return file;
            default:
                byte[] other = corpus[Below(ref random, corpus.Count)];
                int from = Below(ref random, other.Length);
                return [.. file[..place], .. other[from..Math.Min(other.Length, from + 256)], .. file[place..]];
        }
    }

    /// <summary>A number of 4 or 8 bytes in either order, where there is room.</summary>
    private static byte[] Number(byte[] file, int place, long number, int kind)
    {
        Span<byte> room = file.AsSpan(place);
        _ = kind switch
        {
            0 => BinaryPrimitives.TryWriteInt32LittleEndian(room, unchecked((int)number)),
            1 => BinaryPrimitives.TryWriteInt32BigEndian(room, unchecked((int)number)),
            2 => BinaryPrimitives.TryWriteInt64LittleEndian(room, number),
            _ => BinaryPrimitives.TryWriteInt64BigEndian(room, number),
        };
        return file;
    }

    private static int Below(ref SampleRandom random, int limit) => random.NextInt(limit);
}
