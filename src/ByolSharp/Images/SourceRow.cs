using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ByolSharp.Images;

/// <summary>Converts rows of an image of any pixel format to floats, at their own scale.</summary>
internal static class SourceRow
{
    private const int Lanes = 4;

    /// <summary>Converts the values from <paramref name="from"/> on.</summary>
    public static void Read(Image image, int from, Span<float> row)
    {
        switch (image.Format)
        {
            case PixelFormat.UInt8:
                ReadBytes(image.Bytes.Slice(from, row.Length), row);
                break;
            case PixelFormat.UInt16:
                ReadWords(image.Words.Slice(from, row.Length), row);
                break;
            default:
                ReadFloats(image.Floats.Slice(from, row.Length), row);
                break;
        }
    }

    private static void ReadBytes(ReadOnlySpan<byte> source, Span<float> row)
    {
        int i = 0;
        for (; i <= row.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(source[i..]));
            var target = row.Slice(i, Vector128<byte>.Count);
            Widen(low, target);
            Widen(high, target[Vector128<ushort>.Count..]);
        }

        for (; i < row.Length; i++)
        {
            row[i] = source[i];
        }
    }

    /// <summary>Converts those pixels of a row that have a weight, side by side, in the order of the outputs.</summary>
    /// <param name="source">The row from the crop's first pixel on.</param>
    /// <param name="columns">Weights of the columns.</param>
    /// <param name="channels">Values a pixel.</param>
    /// <param name="ahead">
    /// Bytes to the row that the next output row needs. It is called from memory now, because no processor foresees leaps over many rows:
    /// views of 32 pixels from photos are a third faster.
    /// </param>
    /// <param name="row">One value for each tap and channel.</param>
    public static unsafe void ReadUsed(ReadOnlySpan<byte> source, AxisWeights columns, int channels, int ahead, Span<float> row)
    {
        int taps = columns.Taps * channels;
        ref byte pixels = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(row);
        foreach (int first in columns.First)
        {
            ref byte from = ref Unsafe.Add(ref pixels, first * channels);
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref from, ahead)));
            }

            int i = 0;
            for (; i <= taps - Lanes; i += Lanes)
            {
                var four = Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, i))).AsByte();
                Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32()).StoreUnsafe(ref to, (nuint)i);
            }

            for (; i < taps; i++)
            {
                Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
            }

            to = ref Unsafe.Add(ref to, taps);
        }
    }

    private static void ReadWords(ReadOnlySpan<ushort> source, Span<float> row)
    {
        int i = 0;
        for (; i <= row.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
        {
            Widen(Vector128.Create(source[i..]), row.Slice(i, Vector128<ushort>.Count));
        }

        for (; i < row.Length; i++)
        {
            row[i] = source[i];
        }
    }

    private static void Widen(Vector128<ushort> words, Span<float> target)
    {
        var (low, high) = Vector128.Widen(words);
        Vector128.ConvertToSingle(low.AsInt32()).CopyTo(target);
        Vector128.ConvertToSingle(high.AsInt32()).CopyTo(target[Lanes..]);
    }

    // A float image may hold anything: one value that is no number would spread over the batch.
    private static void ReadFloats(ReadOnlySpan<float> source, Span<float> row)
    {
        for (int i = 0; i < row.Length; i++)
        {
            row[i] = source[i] > 0 ? MathF.Min(source[i], 1) : 0;
        }
    }
}
