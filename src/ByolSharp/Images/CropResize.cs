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
        bool isSparse = columns.IsSparse && image.Format == PixelFormat.UInt8;
        int length = (isSparse ? columns.Count * columns.Taps : columns.Length) * image.Channels;
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
                var row = ring.Slice(converted % rows.Taps * stride, length);
                if (isSparse)
                {
                    int ahead = (rows.First[Math.Min(y + 1, rows.Count - 1)] - first) * image.Width * image.Channels;
                    SourceRow.ReadUsed(image.Bytes[from..], columns, image.Channels, ahead, row);
                }
                else
                {
                    SourceRow.Read(image, from, row);
                }
            }

            MixRows(ring, stride, first, rows.Weights.Slice(y * rows.Taps, rows.Taps), mixed[..stride]);
            for (int channel = 0; channel < image.Channels; channel += Lanes)
            {
                MixColumns(mixed, columns, isSparse, image.Channels, channel, planes[(y * columns.Count)..], rows.Count * columns.Count);
            }
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
        ReadOnlySpan<float> mixed, AxisWeights columns, bool isSparse, int channels, int channel, Span<float> planes, int planeSize)
    {
        int taps = columns.Taps, stored = Math.Min(Lanes, channels - channel);
        ref int first = ref MemoryMarshal.GetReference(columns.First);
        ref float weights = ref MemoryMarshal.GetReference(columns.Weights);
        ref float row = ref MemoryMarshal.GetReference(mixed);
        ref float to = ref planes[channel * planeSize];
        nuint step = (nuint)channels;
        for (int x = 0; x < columns.Count; x++)
        {
            nuint at = (nuint)((isSparse ? x * taps : Unsafe.Add(ref first, x)) * channels + channel);
            ref float weight = ref Unsafe.Add(ref weights, x * taps);
            var sum = Vector128.Create(weight) * Vector128.LoadUnsafe(ref row, at);
            if (taps == 4)
            {
                sum = AddTap(sum, ref weight, 1, ref row, at + step);
                sum = AddTap(sum, ref weight, 2, ref row, at + 2 * step);
                sum = AddTap(sum, ref weight, 3, ref row, at + 3 * step);
            }
            else
            {
                for (int k = 1; k < taps; k++)
                {
                    sum = AddTap(sum, ref weight, k, ref row, at += step);
                }
            }

            Store(Vector128.MinNative(Vector128.MaxNative(sum, Vector128<float>.Zero), Vector128<float>.One), ref Unsafe.Add(ref to, x), planeSize, stored);
        }
    }

    private static Vector128<float> AddTap(Vector128<float> sum, ref float weights, int k, ref float row, nuint at) =>
        Vector128.MultiplyAddEstimate(Vector128.Create(Unsafe.Add(ref weights, k)), Vector128.LoadUnsafe(ref row, at), sum);

    // Written out: an element by a variable index would go through memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector128<float> values, ref float pixel, int planeSize, int stored)
    {
        pixel = values[0];
        if (stored > 1)
        {
            Unsafe.Add(ref pixel, planeSize) = values[1];
        }

        if (stored > 2)
        {
            Unsafe.Add(ref pixel, 2 * planeSize) = values[2];
        }

        if (stored > 3)
        {
            Unsafe.Add(ref pixel, 3 * planeSize) = values[3];
        }
    }
}
