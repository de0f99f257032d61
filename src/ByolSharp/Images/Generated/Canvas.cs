namespace ByolSharp.Images.Generated;

/// <summary>An RGB colour, channels in [0, 1].</summary>
internal readonly record struct Rgb(double R, double G, double B)
{
    public static Rgb Any(ref SampleRandom random) => new(random.NextDouble(), random.NextDouble(), random.NextDouble());

    public static Rgb Grey(double value) => new(value, value, value);

    public Rgb Towards(Rgb other, double share) =>
        new(R + share * (other.R - R), G + share * (other.G - G), B + share * (other.B - B));
}

/// <summary>A square picture in the making, channels in [0, 1].</summary>
internal sealed class Canvas(int side)
{
    private readonly double[] _values = new double[side * side * 3];

    /// <summary>Fills the canvas with a square grid of colours, blended into each other, one patch larger than the canvas and shifted.</summary>
    public void Fill(Rgb[] patches, double shiftX, double shiftY)
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

    /// <summary>Fills a shape, its edge smoothed over one pixel.</summary>
    public void Paint(Placement place, Func<double, double, double> distance, Rgb ink, double opacity)
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

    private void Blend(int x, int y, Rgb colour, double share)
    {
        int at = (y * side + x) * 3;
        _values[at] += share * (colour.R - _values[at]);
        _values[at + 1] += share * (colour.G - _values[at + 1]);
        _values[at + 2] += share * (colour.B - _values[at + 2]);
    }
}
