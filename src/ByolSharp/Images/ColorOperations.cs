using System.Numerics;
using System.Runtime.CompilerServices;

namespace ByolSharp.Images;

/// <summary>
/// The colour operations on channel planes in [0, 1], in place; each clips its result to [0, 1], as both reference implementations do.
/// </summary>
internal static class ColorOperations
{
    // ITU-R BT.601, with the digits of both reference implementations.
    internal const float RedShare = 0.2989f, GreenShare = 0.5870f, BlueShare = 0.1140f;

    /// <summary>x + delta (official).</summary>
    public static void AddBrightness(Span<float> planes, float delta) =>
        PlaneLoops.Run(planes, new Affine(1, delta));

    /// <summary>x * factor (torchvision).</summary>
    public static void ScaleBrightness(Span<float> planes, float factor) =>
        PlaneLoops.Run(planes, new Affine(factor, 0));

    /// <summary>Distance of each channel from its own mean, times the factor (official).</summary>
    public static void ContrastAboutChannelMeans(Span<float> planes, int planeSize, float factor)
    {
        for (int from = 0; from < planes.Length; from += planeSize)
        {
            var plane = planes.Slice(from, planeSize);
            PlaneLoops.Run(plane, new Affine(factor, (1 - factor) * PlaneLoops.Mean(plane)));
        }
    }

    /// <summary>Distance of every value from the mean of the grey image, times the factor (torchvision); other channel counts: from the mean of all.</summary>
    public static void ContrastAboutGreyMean(Span<float> planes, int planeSize, float factor)
    {
        float mean = planes.Length == 3 * planeSize
            ? RedShare * PlaneLoops.Mean(planes[..planeSize])
                + GreenShare * PlaneLoops.Mean(planes.Slice(planeSize, planeSize))
                + BlueShare * PlaneLoops.Mean(planes.Slice(2 * planeSize, planeSize))
            : PlaneLoops.Mean(planes);
        PlaneLoops.Run(planes, new Affine(factor, (1 - factor) * mean));
    }

    /// <summary>S of HSV times the factor, clipped to 1 (official).</summary>
    public static void SaturateHsv(Span<float> rgb, int planeSize, float factor) =>
        PlaneLoops.Run(rgb, planeSize, new HsvSaturation(factor));

    /// <summary>Distance from grey times the factor (torchvision).</summary>
    public static void SaturateAgainstGrey(Span<float> rgb, int planeSize, float factor) =>
        PlaneLoops.Run(rgb, planeSize, new GreyBlend(factor));

    /// <summary>Turns the hue; S and V of HSV stay.</summary>
    public static void ShiftHue(Span<float> rgb, int planeSize, float turns) =>
        PlaneLoops.Run(rgb, planeSize, new HueShift(turns));

    /// <summary>All three channels become the weighted sum of the three.</summary>
    public static void Grayscale(Span<float> rgb, int planeSize) =>
        PlaneLoops.Run(rgb, planeSize, new GreyBlend(0));

    private static Vector<float> Clip(Vector<float> x) => Vector.MinNative(Vector.MaxNative(x, Vector<float>.Zero), Vector<float>.One);

    private readonly struct Affine(float factor, float offset) : IValueOperation
    {
        private readonly Vector<float> _factor = new(factor), _offset = new(offset);

        public Vector<float> Apply(Vector<float> values) => Clip(Vector.MultiplyAddEstimate(values, _factor, _offset));
    }

    private readonly struct GreyBlend(float factor) : IColorOperation
    {
        private readonly Vector<float> _factor = new(factor);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            var grey = RedShare * red + GreenShare * green + BlueShare * blue;
            red = Clip(grey + _factor * (red - grey));
            green = Clip(grey + _factor * (green - grey));
            blue = Clip(grey + _factor * (blue - grey));
        }
    }

    // In HSV each channel is V - (V - channel): the distance from V is proportional to S, so no hue is needed.
    private readonly struct HsvSaturation(float factor) : IColorOperation
    {
        private readonly Vector<float> _factor = new(factor);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            var value = Vector.MaxNative(Vector.MaxNative(red, green), blue);
            var chroma = Vector.MaxNative(value - Vector.MinNative(Vector.MinNative(red, green), blue), new(1e-30f));
            var scale = Vector.MinNative(_factor, value / chroma); // S = chroma / V times the factor stays at most 1
            red = Clip(value - scale * (value - red));
            green = Clip(value - scale * (value - green));
            blue = Clip(value - scale * (value - blue));
        }
    }

    // Hue in sixths of a turn: 0 red, 2 green, 4 blue; back to RGB with the piecewise linear colour wheel.
    private readonly struct HueShift(float turns) : IColorOperation
    {
        private readonly Vector<float> _sixths = new(6 * turns);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            var value = Vector.MaxNative(Vector.MaxNative(red, green), blue);
            var low = Vector.MinNative(Vector.MinNative(red, green), blue);
            var chroma = value - low;
            var perChroma = Vector<float>.One / Vector.MaxNative(chroma, new(1e-30f));
            var hue = Vector.ConditionalSelect(
                Vector.Equals(red, value),
                (green - blue) * perChroma,
                Vector.ConditionalSelect(
                    Vector.Equals(green, value),
                    (blue - red) * perChroma + new Vector<float>(2),
                    (red - green) * perChroma + new Vector<float>(4))) + _sixths;
            hue -= Vector.Floor(hue * (1 / 6f)) * 6;
            red = Clip(low + chroma * Clip(Vector.Abs(hue - new Vector<float>(3)) - Vector<float>.One));
            green = Clip(low + chroma * Clip(new Vector<float>(2) - Vector.Abs(hue - new Vector<float>(2))));
            blue = Clip(low + chroma * Clip(new Vector<float>(2) - Vector.Abs(hue - new Vector<float>(4))));
        }
    }
}
