using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ByolSharp.Images;

/// <summary>
/// Cuts a crop out of an interleaved image of any pixel format and resizes it straight into channel planes of floats in [0, 1].
/// Each source row is converted to floats once, rows are mixed first (long vectors), then columns (one vector of four channels a pixel).
/// </summary>
internal static class CropResize
{
    private const int Lanes = 4;

    /// <summary>Factor that brings values of this format to [0, 1]; the gain of the row weights.</summary>
    public static double GainOf(PixelFormat format) => format switch
    {
        PixelFormat.UInt8 => 1.0 / byte.MaxValue,
        PixelFormat.UInt16 => 1.0 / ushort.MaxValue,
        _ => 1,
    };

    /// <summary>Writes [channels, rows.Count, columns.Count] values in [0, 1].</summary>
    public static void Run(Image image, AxisWeights columns, AxisWeights rows, AugmentationScratch scratch, Span<float> planes)
    {
        int length = columns.Length * image.Channels;
        int stride = (length + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        var ring = scratch.Ring(rows.Taps * stride);
        var mixed = scratch.Row(stride + Lanes);
        int converted = 0;
        for (int y = 0; y < rows.Count; y++)
        {
            int first = rows.First[y];
            for (converted = Math.Max(converted, first); converted < first + rows.Taps; converted++)
            {
                int from = ((rows.Start + converted) * image.Width + columns.Start) * image.Channels;
                ReadRow(image, from, ring.Slice(converted % rows.Taps * stride, length));
            }

            MixRows(ring, stride, first, rows.Weights.Slice(y * rows.Taps, rows.Taps), mixed[..stride]);
            for (int channel = 0; channel < image.Channels; channel += Lanes)
            {
                MixColumns(mixed, columns, image.Channels, channel, planes[(y * columns.Count)..], rows.Count * columns.Count);
            }
        }
    }

    private static void ReadRow(Image image, int from, Span<float> row)
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

    private static void MixRows(ReadOnlySpan<float> ring, int stride, int first, ReadOnlySpan<float> weights, Span<float> mixed)
    {
        ref float rows = ref MemoryMarshal.GetReference(ring);
        ref float to = ref MemoryMarshal.GetReference(mixed);
        if (weights.Length == 4)
        {
            nuint a = (nuint)(first % 4 * stride), b = (nuint)((first + 1) % 4 * stride);
            nuint c = (nuint)((first + 2) % 4 * stride), d = (nuint)((first + 3) % 4 * stride);
            Vector<float> wa = new(weights[0]), wb = new(weights[1]), wc = new(weights[2]), wd = new(weights[3]);
            for (nuint i = 0; i < (nuint)mixed.Length; i += (nuint)Vector<float>.Count)
            {
                var sum = wa * Vector.LoadUnsafe(ref rows, a + i);
                sum = Vector.MultiplyAddEstimate(wb, Vector.LoadUnsafe(ref rows, b + i), sum);
                sum = Vector.MultiplyAddEstimate(wc, Vector.LoadUnsafe(ref rows, c + i), sum);
                Vector.MultiplyAddEstimate(wd, Vector.LoadUnsafe(ref rows, d + i), sum).StoreUnsafe(ref to, i);
            }

            return;
        }

        mixed.Clear();
        for (int k = 0; k < weights.Length; k++)
        {
            nuint row = (nuint)((first + k) % weights.Length * stride);
            var weight = new Vector<float>(weights[k]);
            for (nuint i = 0; i < (nuint)mixed.Length; i += (nuint)Vector<float>.Count)
            {
                Vector.MultiplyAddEstimate(weight, Vector.LoadUnsafe(ref rows, row + i), Vector.LoadUnsafe(ref to, i)).StoreUnsafe(ref to, i);
            }
        }
    }

    // Up to four channels from `channel` on; the lanes beyond the last channel hold the neighbouring pixel and are not stored.
    private static void MixColumns(
        ReadOnlySpan<float> mixed, AxisWeights columns, int channels, int channel, Span<float> planes, int planeSize)
    {
        int taps = columns.Taps, stored = Math.Min(Lanes, channels - channel);
        ref int first = ref MemoryMarshal.GetReference(columns.First);
        ref float weights = ref MemoryMarshal.GetReference(columns.Weights);
        ref float row = ref MemoryMarshal.GetReference(mixed);
        ref float to = ref planes[channel * planeSize];
        nuint step = (nuint)channels;
        for (int x = 0; x < columns.Count; x++)
        {
            nuint at = (nuint)(Unsafe.Add(ref first, x) * channels + channel);
            ref float weight = ref Unsafe.Add(ref weights, x * taps);
            var sum = Vector128<float>.Zero;
            for (int k = 0; k < taps; k++, at += step)
            {
                var tap = Vector128.Create(Unsafe.Add(ref weight, k));
                sum = Vector128.MultiplyAddEstimate(tap, Vector128.LoadUnsafe(ref row, at), sum);
            }

            sum = Vector128.Min(Vector128.Max(sum, Vector128<float>.Zero), Vector128<float>.One);
            ref float pixel = ref Unsafe.Add(ref to, x);
            pixel = sum[0];
            for (int lane = 1; lane < stored; lane++)
            {
                Unsafe.Add(ref pixel, lane * planeSize) = sum.GetElement(lane);
            }
        }
    }
}
