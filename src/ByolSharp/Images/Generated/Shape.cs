namespace ByolSharp.Images.Generated;

/// <summary>The ten kinds of shapes of the generated images, as signed distances (negative inside) in a frame where they reach about 1.</summary>
internal static class Shape
{
    private const double Stroke = 0.2; // half the width of a line

    public static IReadOnlyList<string> Names { get; } =
        ["disc", "ring", "bar", "cross", "triangle", "angle", "arc", "pair", "trio", "tee"];

    public static IReadOnlyList<Func<double, double, double>> Distances { get; } =
    [
        (x, y) => Math.Sqrt(x * x + y * y) - 0.68,
        (x, y) => Math.Abs(Math.Sqrt(x * x + y * y) - 0.75) - 0.17,
        (x, y) => Segment(x, y, -0.8, 0, 0.8, 0) - 0.3,
        (x, y) => Math.Min(Segment(x, y, -0.85, 0, 0.85, 0), Segment(x, y, 0, -0.85, 0, 0.85)) - Stroke,
        (x, y) => Math.Max(y - 0.55, Math.Max(0.866 * x - 0.5 * y, -0.866 * x - 0.5 * y) - 0.5),
        (x, y) => Math.Min(Segment(x, y, -0.6, -0.6, -0.6, 0.7), Segment(x, y, -0.6, 0.7, 0.75, 0.7)) - Stroke,
        (x, y) => Math.Max(Math.Abs(Math.Sqrt(x * x + y * y) - 0.75) - Stroke, y - 0.25),
        (x, y) => Math.Min(Disc(x, y, -0.6, 0), Disc(x, y, 0.6, 0)) - 0.4,
        (x, y) => Math.Min(Disc(x, y, 0, -0.65), Math.Min(Disc(x, y, -0.58, 0.36), Disc(x, y, 0.58, 0.36))) - 0.34,
        (x, y) => Math.Min(Segment(x, y, -0.8, -0.65, 0.8, -0.65), Segment(x, y, 0, -0.65, 0, 0.85)) - Stroke,
    ];

    private static double Disc(double x, double y, double cx, double cy) => Math.Sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy));

    private static double Segment(double x, double y, double ax, double ay, double bx, double by)
    {
        double dx = bx - ax, dy = by - ay;
        double t = Math.Clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy), 0, 1);
        return Disc(x, y, ax + t * dx, ay + t * dy);
    }
}

/// <summary>Where a shape stands: its centre and reach in pixels, its angle in radians.</summary>
internal readonly record struct Placement(double X, double Y, double Angle, double Size);
