namespace ByolSharp.Images;

/// <summary>Working memory of one thread: it grows to what the largest image needs and is then reused, so that a view allocates nothing.</summary>
internal sealed class AugmentationScratch
{
    [ThreadStatic]
    private static AugmentationScratch? s_current;

    private float[] _ring = [];
    private float[] _row = [];
    private float[] _plane = [];

    public static AugmentationScratch OfThisThread => s_current ??= new();

    /// <summary>Weights from the columns of the image to those of the view.</summary>
    public AxisWeights Columns { get; } = new();

    /// <summary>Weights from the rows of the image to those of the view.</summary>
    public AxisWeights Rows { get; } = new();

    /// <summary>Room for some source rows.</summary>
    public Span<float> Ring(int length) => Grow(ref _ring, length);

    /// <summary>Room for one row.</summary>
    public Span<float> Row(int length) => Grow(ref _row, length);

    /// <summary>Room for one channel of a view.</summary>
    public Span<float> Plane(int length) => Grow(ref _plane, length);

    private static Span<float> Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new float[length];
        }

        return buffer.AsSpan(0, length);
    }
}
