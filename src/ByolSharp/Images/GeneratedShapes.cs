namespace ByolSharp.Images;

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

/// <summary>An RGB colour, channels in [0, 1].</summary>
internal readonly record struct Colour(double R, double G, double B)
{
    public static Colour Any(ref SampleRandom random) => new(random.NextDouble(), random.NextDouble(), random.NextDouble());

    public static Colour Grey(double value) => new(value, value, value);

    private double Luminance => 0.299 * R + 0.587 * G + 0.114 * B;

    public Colour Towards(Colour other, double share) =>
        new(R + share * (other.R - R), G + share * (other.G - G), B + share * (other.B - B));

    /// <summary>This colour, moved to black or white until its luminance differs from the ground's by the contrast: grey views need it.</summary>
    public Colour Against(Colour ground, double contrast)
    {
        double difference = Luminance - ground.Luminance;
        if (Math.Abs(difference) >= contrast)
        {
            return this;
        }
        bool lighter = ground.Luminance + contrast <= 1 && (difference >= 0 || ground.Luminance < contrast);
        double wanted = ground.Luminance + (lighter ? contrast : -contrast);
        return lighter
            ? Towards(new(1, 1, 1), (wanted - Luminance) / (1 - Luminance))
            : Towards(new(0, 0, 0), 1 - wanted / Luminance);
    }
}

/// <summary>A square picture in the making, channels in [0, 1].</summary>
internal sealed class Canvas(int side)
{
    private readonly double[] _values = new double[side * side * 3];

    /// <summary>Fills the canvas with a square grid of colours, blended into each other, one patch larger than the canvas and shifted.</summary>
    public void Fill(Colour[] patches, double shiftX, double shiftY)
    {
        int across = (int)Math.Sqrt(patches.Length);
        double pitch = side / (across - 2.0);
        for (int y = 0; y < side; y++)
        {
            double v = y / pitch + shiftY;
            for (int x = 0; x < side; x++)
            {
                double u = x / pitch + shiftX;
                int at = (int)v * across + (int)u;
                var upper = patches[at].Towards(patches[at + 1], Ease(u - (int)u));
                var lower = patches[at + across].Towards(patches[at + across + 1], Ease(u - (int)u));
                Blend(x, y, upper.Towards(lower, Ease(v - (int)v)), 1);
            }
        }
    }

    public bool Touches(Placement place) =>
        Math.Abs(place.X - side / 2.0) < side / 2.0 + place.Size && Math.Abs(place.Y - side / 2.0) < side / 2.0 + place.Size;

    /// <summary>The colour at a shape's centre, or at the border nearest to it.</summary>
    public Colour At(Placement place)
    {
        int x = (int)Math.Clamp(place.X, 0, side - 1), y = (int)Math.Clamp(place.Y, 0, side - 1), at = (y * side + x) * 3;
        return new(_values[at], _values[at + 1], _values[at + 2]);
    }

    /// <summary>Fills a shape, its edge smoothed over one pixel.</summary>
    public void Paint(Placement place, Func<double, double, double> distance, Colour ink, double opacity)
    {
        double cos = Math.Cos(place.Angle) / place.Size, sin = Math.Sin(place.Angle) / place.Size, reach = place.Size * 1.3 + 1;
        for (int y = Math.Max(0, (int)(place.Y - reach)); y <= Math.Min(side - 1, (int)(place.Y + reach)); y++)
        {
            for (int x = Math.Max(0, (int)(place.X - reach)); x <= Math.Min(side - 1, (int)(place.X + reach)); x++)
            {
                double dx = x + 0.5 - place.X, dy = y + 0.5 - place.Y;
                double coverage = 0.5 - distance(cos * dx + sin * dy, cos * dy - sin * dx) * place.Size;
                if (coverage > 0)
                {
                    Blend(x, y, ink, opacity * Math.Min(1, coverage));
                }
            }
        }
    }

    public void AddNoise(ref SampleRandom random, double deviation)
    {
        for (int i = 0; i < _values.Length && deviation > 0; i++)
        {
            _values[i] += deviation * random.NextNormal();
        }
    }

    public Image ToImage() =>
        new(side, side, 3, Array.ConvertAll(_values, v => (byte)Math.Round(255 * Math.Clamp(v, 0, 1))));

    private static double Ease(double t) => t * t * (3 - 2 * t);

    private void Blend(int x, int y, Colour colour, double share)
    {
        int at = (y * side + x) * 3;
        _values[at] += share * (colour.R - _values[at]);
        _values[at + 1] += share * (colour.G - _values[at + 1]);
        _values[at + 2] += share * (colour.B - _values[at + 2]);
    }
}
