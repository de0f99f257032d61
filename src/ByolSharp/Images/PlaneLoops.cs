using System.Numerics;
using System.Runtime.InteropServices;

namespace ByolSharp.Images;

/// <summary>An operation on values that do not see their neighbours.</summary>
internal interface IValueOperation
{
    Vector<float> Apply(Vector<float> values);
}

/// <summary>An operation on the red, green and blue of pixels that do not see their neighbours.</summary>
internal interface IColorOperation
{
    void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue);
}

/// <summary>Runs an operation over whole planes, in place; the operation is a struct, so that it is compiled into the loop.</summary>
internal static class PlaneLoops
{
    private const int SumBlock = 4096;

    public static void Run<T>(Span<float> values, T operation) where T : struct, IValueOperation
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            operation.Apply(Vector.LoadUnsafe(ref x, (nuint)i)).StoreUnsafe(ref x, (nuint)i);
        }

        if (i < values.Length)
        {
            var rest = values[i..];
            operation.Apply(LoadRest(rest)).StoreRest(rest);
        }
    }

    /// <summary>Runs over the pixels of three planes that lie one after the other.</summary>
    public static void Run<T>(Span<float> pixels, int planeSize, T operation) where T : struct, IColorOperation
    {
        ref float r = ref pixels[0];
        ref float g = ref pixels[planeSize];
        ref float b = ref pixels[2 * planeSize];
        int i = 0;
        for (; i <= planeSize - Vector<float>.Count; i += Vector<float>.Count)
        {
            nuint at = (nuint)i;
            var (red, green, blue) = (Vector.LoadUnsafe(ref r, at), Vector.LoadUnsafe(ref g, at), Vector.LoadUnsafe(ref b, at));
            operation.Apply(ref red, ref green, ref blue);
            red.StoreUnsafe(ref r, at);
            green.StoreUnsafe(ref g, at);
            blue.StoreUnsafe(ref b, at);
        }

        if (i < planeSize)
        {
            var restR = pixels[i..planeSize];
            var restG = pixels.Slice(planeSize + i, restR.Length);
            var restB = pixels.Slice(2 * planeSize + i, restR.Length);
            var (red, green, blue) = (LoadRest(restR), LoadRest(restG), LoadRest(restB));
            operation.Apply(ref red, ref green, ref blue);
            red.StoreRest(restR);
            green.StoreRest(restG);
            blue.StoreRest(restB);
        }
    }

    /// <summary>The mean; summed in blocks, so that a large plane loses no digits.</summary>
    public static float Mean(ReadOnlySpan<float> values)
    {
        double total = 0;
        for (int from = 0; from < values.Length; from += SumBlock)
        {
            total += BlockSum(values.Slice(from, Math.Min(SumBlock, values.Length - from)));
        }

        return (float)(total / values.Length);
    }

    private static float BlockSum(ReadOnlySpan<float> values)
    {
        ref float x = ref MemoryMarshal.GetReference(values);
        int i = 0, twice = 2 * Vector<float>.Count;
        Vector<float> even = default, odd = default;
        for (; i <= values.Length - twice; i += twice)
        {
            even += Vector.LoadUnsafe(ref x, (nuint)i);
            odd += Vector.LoadUnsafe(ref x, (nuint)(i + Vector<float>.Count));
        }

        float sum = Vector.Sum(even + odd);
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }

    private static Vector<float> LoadRest(ReadOnlySpan<float> rest)
    {
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        rest.CopyTo(lanes);
        return new(lanes);
    }

    private static void StoreRest(this Vector<float> vector, Span<float> rest)
    {
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        vector.CopyTo(lanes);
        lanes[..rest.Length].CopyTo(rest);
    }
}
