using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ByolSharp.Images;

/// <summary>What a blur sees beyond the border.</summary>
internal enum BlurBorder
{
    /// <summary>Zeros: the border darkens (official).</summary>
    Zero,

    /// <summary>The image mirrored at its outermost pixels, which are not repeated (torchvision).</summary>
    Reflect,
}

/// <summary>Separable Gaussian blur of one channel plane, in place.</summary>
internal static class GaussianBlur
{
    // A smaller weight cannot change a float in [0, 1]; leaving such taps out saves half of the work at 224 pixels.
    private const double Negligible = 1.0 / (1 << 27);

    /// <summary>Blurs a square plane with 2 radius + 1 taps of standard deviation <paramref name="sigma"/>.</summary>
    public static void Run(Span<float> plane, int size, int radius, float sigma, BlurBorder border, AugmentationScratch scratch)
    {
        Span<float> weights = stackalloc float[radius + 1];
        radius = FillWeights(weights, sigma);
        weights = weights[..(radius + 1)];
        int stride = (size + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        var rows = scratch.Plane((size + 2 * radius) * stride);
        var padded = scratch.Row(stride + 2 * radius);
        padded.Clear();
        for (int y = 0; y < size; y++)
        {
            plane.Slice(y * size, size).CopyTo(padded[radius..]);
            for (int i = 0; i < radius && border == BlurBorder.Reflect; i++)
            {
                padded[radius - 1 - i] = padded[radius + Mirror(-1 - i, size)];
                padded[radius + size + i] = padded[radius + Mirror(size + i, size)];
            }

            Mix(padded, radius, 1, weights, rows.Slice((radius + y) * stride, stride));
        }

        for (int i = 0; i < radius; i++)
        {
            FillBeyond(rows, stride, radius - 1 - i, radius + Mirror(-1 - i, size), border);
            FillBeyond(rows, stride, radius + size + i, radius + Mirror(size + i, size), border);
        }

        var mixed = padded[..stride];
        for (int y = 0; y < size; y++)
        {
            Mix(rows, (radius + y) * stride, stride, weights, mixed);
            mixed[..size].CopyTo(plane.Slice(y * size, size));
        }
    }

    /// <summary>Weights from the middle outwards, summing to 1 over both sides; returns the outermost tap that counts.</summary>
    internal static int FillWeights(Span<float> weights, float sigma)
    {
        double sum = 0;
        for (int k = weights.Length - 1; k >= 0; k--)
        {
            double weight = Math.Exp(-(double)k * k / (2 * (double)sigma * sigma));
            weights[k] = (float)weight;
            sum += k == 0 ? weight : 2 * weight;
        }

        int last = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            weights[k] = (float)(weights[k] / sum);
            last = weights[k] > Negligible ? k : last;
        }

        return last;
    }

    // target[i] = sum over k of weight[k] * (source[at + i - k step] + source[at + i + k step]), four vectors at a time where they fit.
    private static void Mix(ReadOnlySpan<float> source, int at, int step, ReadOnlySpan<float> weights, Span<float> target)
    {
        ref float middle = ref Unsafe.Add(ref MemoryMarshal.GetReference(source), at);
        ref float weight = ref MemoryMarshal.GetReference(weights);
        ref float to = ref MemoryMarshal.GetReference(target);
        int width = Vector<float>.Count, i = 0;
        for (; i <= target.Length - 4 * width; i += 4 * width)
        {
            ref float from = ref Unsafe.Add(ref middle, i);
            var centre = new Vector<float>(weight);
            var (a, b, c, d) = (centre * Load(ref from, 0), centre * Load(ref from, width), centre * Load(ref from, 2 * width), centre * Load(ref from, 3 * width));
            for (int k = 1, reach = step; k < weights.Length; k++, reach += step)
            {
                var tap = new Vector<float>(Unsafe.Add(ref weight, k));
                a = Vector.MultiplyAddEstimate(tap, Pair(ref from, 0, reach), a);
                b = Vector.MultiplyAddEstimate(tap, Pair(ref from, width, reach), b);
                c = Vector.MultiplyAddEstimate(tap, Pair(ref from, 2 * width, reach), c);
                d = Vector.MultiplyAddEstimate(tap, Pair(ref from, 3 * width, reach), d);
            }

            a.StoreUnsafe(ref to, (nuint)i);
            b.StoreUnsafe(ref to, (nuint)(i + width));
            c.StoreUnsafe(ref to, (nuint)(i + 2 * width));
            d.StoreUnsafe(ref to, (nuint)(i + 3 * width));
        }

        for (; i < target.Length; i += width)
        {
            ref float from = ref Unsafe.Add(ref middle, i);
            var sum = weight * Load(ref from, 0);
            for (int k = 1; k < weights.Length; k++)
            {
                sum = Vector.MultiplyAddEstimate(new(Unsafe.Add(ref weight, k)), Pair(ref from, 0, k * step), sum);
            }

            sum.StoreUnsafe(ref to, (nuint)i);
        }
    }

    private static Vector<float> Load(ref float from, int at) => Vector.LoadUnsafe(ref Unsafe.Add(ref from, at));

    private static Vector<float> Pair(ref float from, int at, int reach) => Load(ref from, at - reach) + Load(ref from, at + reach);

    private static void FillBeyond(Span<float> rows, int stride, int target, int source, BlurBorder border)
    {
        var row = rows.Slice(target * stride, stride);
        if (border == BlurBorder.Zero)
        {
            row.Clear();
        }
        else
        {
            rows.Slice(source * stride, stride).CopyTo(row);
        }
    }

    // The position that a mirror at both outermost pixels shows; a kernel may be wider than the image.
    private static int Mirror(int position, int size)
    {
        if (size == 1)
        {
            return 0;
        }

        int period = 2 * (size - 1);
        int folded = ((position % period) + period) % period;
        return Math.Min(folded, period - folded);
    }
}
