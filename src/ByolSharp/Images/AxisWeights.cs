namespace ByolSharp.Images;

/// <summary>
/// How each output position along one axis is mixed from the input: a fixed number of neighbouring inputs with one weight each.
/// Pixel centres lie at i + 1/2. Inputs beyond the crop have no weight and the rest sum to 1, as in TensorFlow 2 and in Pillow, so
/// the two differ in nothing but antialiasing: with it the kernel widens as the image shrinks.
/// </summary>
internal sealed class AxisWeights
{
    /// <summary>What a centre crop keeps of the short side.</summary>
    public const double CropShare = 224.0 / 256;

    private int[] _first = [];
    private float[] _weights = [];

    /// <summary>First input position of the crop.</summary>
    public int Start { get; private set; }

    /// <summary>Input positions in the crop.</summary>
    public int Length { get; private set; }

    /// <summary>Output positions.</summary>
    public int Count { get; private set; }

    /// <summary>Inputs that an output is mixed from.</summary>
    public int Taps { get; private set; }

    /// <summary>Whether some inputs have no weight at all: without antialiasing a small view skips most of a large image.</summary>
    public bool IsSparse => Count * Taps < Length;

    /// <summary>For each output its first input, counted from <see cref="Start"/>.</summary>
    public ReadOnlySpan<int> First => _first.AsSpan(0, Count);

    /// <summary>For each output its <see cref="Taps"/> weights.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, Count * Taps);

    /// <summary>Resizes inputs [start, start + length) to <paramref name="size"/> outputs and keeps <paramref name="count"/> of them.</summary>
    /// <param name="start">First input of the crop.</param>
    /// <param name="length">Inputs in the crop.</param>
    /// <param name="size">Outputs that the whole crop is resized to.</param>
    /// <param name="from">First output that is kept.</param>
    /// <param name="count">Outputs that are kept.</param>
    /// <param name="kernel">Interpolation kernel.</param>
    /// <param name="antialias">Whether the kernel widens when the image shrinks.</param>
    /// <param name="mirrored">Whether the kept outputs are written in reverse order.</param>
    /// <param name="gain">Factor on all weights: brings integers to [0, 1].</param>
    public void Build(
        int start, int length, int size, int from, int count, Interpolation kernel, bool antialias, bool mirrored = false, double gain = 1)
    {
        double scale = (double)length / size;
        double widening = antialias ? Math.Max(1, scale) : 1;
        double support = widening * (kernel == Interpolation.Bicubic ? 2 : 1);
        bool identity = length == size;
        (Start, Length, Count) = (start, length, count);
        Taps = identity ? 1 : Math.Min((int)Math.Ceiling(2 * support), length);
        if (_first.Length < count)
        {
            _first = new int[count];
        }

        if (_weights.Length < count * Taps)
        {
            _weights = new float[count * Taps];
        }

        for (int i = 0; i < count; i++)
        {
            double centre = (from + i + 0.5) * scale;
            int output = mirrored ? count - 1 - i : i;
            int first = identity ? from + i : Math.Clamp((int)Math.Floor(centre - support + 0.5), 0, length - Taps);
            _first[output] = first;
            Fill(_weights.AsSpan(output * Taps, Taps), first + 0.5 - centre, 1 / widening, kernel, gain);
        }
    }

    /// <summary>
    /// Resizes a whole axis so that the short side gets <see cref="ResizedShortSide"/>, bicubic and antialiased, and keeps the middle.
    /// </summary>
    /// <param name="length">Inputs.</param>
    /// <param name="shortSide">Inputs of the image's short side.</param>
    /// <param name="size">Outputs.</param>
    /// <param name="isWhole">Whether the image has the size of the outputs already and stays as it is.</param>
    /// <param name="gain">Factor on all weights.</param>
    public void BuildMiddle(int length, int shortSide, int size, bool isWhole, double gain = 1) =>
        BuildCut(length, isWhole ? length : shortSide, isWhole ? size : ResizedShortSide(size), size, 0.5, gain);

    /// <summary>Resizes a whole axis so that the short side gets a given length, bicubic and antialiased, and keeps a part.</summary>
    /// <param name="length">Inputs.</param>
    /// <param name="shortSide">Inputs of the image's short side.</param>
    /// <param name="resizedShort">What the short side becomes, at least <paramref name="size"/>.</param>
    /// <param name="size">Outputs.</param>
    /// <param name="place">Where the part lies, from 0 (the beginning) to 1 (the end).</param>
    /// <param name="gain">Factor on all weights.</param>
    public void BuildCut(int length, int shortSide, int resizedShort, int size, double place, double gain = 1)
    {
        int resized = (int)((long)resizedShort * length / shortSide);
        int from = (int)Math.Round((resized - size) * place);
        Build(0, length, resized, from, size, Interpolation.Bicubic, antialias: true, gain: gain);
    }

    /// <summary>The short side that an image is resized to before its middle is cut out.</summary>
    public static int ResizedShortSide(int size) => Math.Max(size, (int)Math.Round(size / CropShare));

    private static void Fill(Span<float> weights, double offset, double narrowing, Interpolation kernel, double gain)
    {
        double sum = 0;
        for (int k = 0; k < weights.Length; k++)
        {
            double x = Math.Abs(offset + k) * narrowing;
            double weight = kernel == Interpolation.Bicubic ? Cubic(x) : Math.Max(0, 1 - x);
            weights[k] = (float)weight;
            sum += weight;
        }

        float toGain = (float)(gain / sum);
        foreach (ref float weight in weights)
        {
            weight *= toGain;
        }
    }

    // Keys 1981, a = -1/2.
    private static double Cubic(double x) => x switch
    {
        < 1 => (1.5 * x - 2.5) * x * x + 1,
        < 2 => ((-0.5 * x + 2.5) * x - 4) * x + 2,
        _ => 0,
    };
}
