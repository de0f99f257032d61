using ByolSharp.Images.Generated;

namespace ByolSharp.Images;

/// <summary>
/// The built-in demo data: 32x32 RGB images, each strewn with about nine small shapes of one of ten kinds. The kind is the hidden class.
/// </summary>
/// <remarks>
/// <para>
/// Made for BYOL's augmentations: the kind of shape is in every crop of an image and survives flips, grey, blur and other colours, while
/// position, tilt, size, colours, clutter and noise are drawn anew, most of them for each shape, around one mean grey. What an image as a whole
/// could be told by, such as a colour of its own, is left out: BYOL would learn that first. So the class is what two views share, yet it has
/// few pixels in common.
/// </para>
/// <para>An image depends on (seed, split, index) alone. It is drawn when first read and kept: about 0.2 ms and 3 KB an image.</para>
/// </remarks>
public sealed class GeneratedImages : ImageDataset
{
    /// <summary>Width and height of an image in pixels.</summary>
    public const int Side = 32;

    private const int Grid = 3; // shapes a row: a crop of 8% of the area (9 pixels) still holds most of a shape
    private const int PatchSide = 4; // small enough that even a small crop holds several
    private readonly GeneratedImageOptions _options;
    private readonly Image?[] _drawn;

    /// <summary>A data set; nothing is drawn yet.</summary>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    public GeneratedImages(GeneratedImageOptions? options = null)
    {
        _options = options ?? new();
        Require(_options.Count >= 1, "count", "at least 1");
        Require(_options.Nuisance is >= 0 and <= 1, "nuisance", "from 0 to 1");
        Require(_options.Colour is >= 0 and <= 1, "colour", "from 0 to 1");
        Require(_options.Tilt is >= 0 and <= 180, "tilt", "from 0 to 180 degrees");
        _drawn = new Image?[_options.Count];
    }

    /// <inheritdoc />
    public override int Count => _drawn.Length;

    /// <inheritdoc />
    public override IReadOnlyList<string> ClassNames => Shape.Names;

    /// <inheritdoc />
    public override string NameOf(int index) => $"{_options.Split.ToString().ToLowerInvariant()}/{ClassNames[LabelOf(index)]}/{index:D5}";

    /// <inheritdoc />
    public override int LabelOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index % Shape.Names.Count;
    }

    /// <inheritdoc />
    public override Image Read(int index) => _drawn[index] ??= Draw(index); // two threads at once draw the same pixels

    private Image Draw(int index)
    {
        var random = new SampleRandom(_options.Seed, (long)_options.Split, index);
        var canvas = new Canvas(Side);
        double nuisance = _options.Nuisance;
        Lay(ref random, canvas);
        for (int i = (int)Math.Round(nuisance * 10 * random.NextDouble()); i > 0; i--)
        {
            Scratch(ref random, canvas);
        }
        Strew(ref random, canvas, LabelOf(index));
        canvas.AddNoise(ref random, 0.15 * nuisance);
        return canvas.ToImage();
    }

    /// <summary>The ground: small patches of colours around grey that run into each other, so that every crop has the same mean.</summary>
    private void Lay(ref SampleRandom random, Canvas canvas)
    {
        var patches = new Rgb[(Side / PatchSide + 2) * (Side / PatchSide + 2)];
        for (int i = 0; i < patches.Length; i++)
        {
            patches[i] = Rgb.Grey(0.5).Towards(Rgb.Any(ref random), _options.Colour);
        }
        canvas.Fill(patches, random.NextDouble(), random.NextDouble());
    }

    /// <summary>A thin line across the image.</summary>
    private void Scratch(ref SampleRandom random, Canvas canvas)
    {
        double angle = random.NextDouble(0, Math.PI);
        var place = new Placement(random.NextDouble(0, Side), random.NextDouble(0, Side), angle, random.NextDouble(2, 10));
        double halfWidth = random.NextDouble(0.25, 0.5) / place.Size;
        canvas.Paint(place, (x, y) => Math.Max(Math.Abs(x) - 1, Math.Abs(y) - halfWidth), Ink(ref random, random.NextBool(0.5)), 0.7);
    }

    /// <summary>The shapes, on a jittered and turned grid that reaches over the border.</summary>
    private void Strew(ref SampleRandom random, Canvas canvas, int label)
    {
        double cell = (double)Side / Grid * random.NextDouble(0.85, 1.2);
        double turn = random.NextDouble(0, Math.PI / 2), cos = Math.Cos(turn), sin = Math.Sin(turn);
        double shiftX = random.NextDouble(-0.5, 0.5), shiftY = random.NextDouble(-0.5, 0.5);
        double tilt = _options.Tilt * Math.PI / 180;
        for (int row = -Grid; row <= Grid; row++)
        {
            for (int column = -Grid; column <= Grid; column++)
            {
                double u = (column + shiftX + random.NextDouble(-0.1, 0.1)) * cell;
                double v = (row + shiftY + random.NextDouble(-0.1, 0.1)) * cell;
                double size = cell * (0.42 + _options.Nuisance * random.NextDouble(-0.12, 0.06));
                double x = Side / 2.0 + cos * u - sin * v, y = Side / 2.0 + sin * u + cos * v;
                var place = new Placement(x, y, tilt * random.NextDouble(-1, 1), size);
                var ink = Ink(ref random, ((row + column) & 1) == 0);
                double opacity = 1 - _options.Nuisance * 0.4 * random.NextDouble();
                if (canvas.Touches(place))
                {
                    canvas.Paint(place, Shape.Distances[label], ink, opacity);
                }
            }
        }
    }

    /// <summary>Lighter and darker shapes alternate, so that brightness tells nothing of the image either.</summary>
    private Rgb Ink(ref SampleRandom random, bool light)
    {
        double difference = random.NextDouble(0.3, 0.5);
        return Rgb.Grey(0.5 + (light ? difference : -difference)).Towards(Rgb.Any(ref random), _options.Colour / 2);
    }

    private static void Require(bool holds, string key, string range)
    {
        if (!holds)
        {
            throw new ConfigurationException($"generated images: {key} must be {range}");
        }
    }
}
