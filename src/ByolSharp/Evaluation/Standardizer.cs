namespace ByolSharp.Evaluation;

/// <summary>Brings every dimension to mean 0 and deviation 1, as measured on training samples; a constant dimension becomes 0.</summary>
internal sealed class Standardizer
{
    private readonly double[] _mean;
    private readonly double[] _scale;

    private Standardizer(double[] mean, double[] scale) => (_mean, _scale) = (mean, scale);

    public static Standardizer Of(FeatureSet train)
    {
        var (mean, variance) = Moments(train);
        return new(mean, [.. variance.Select(Math.Sqrt).Select(std => std > 1e-8 ? 1 / std : 0)]);
    }

    /// <summary>Moves the mean to 0 and scales nothing.</summary>
    public static Standardizer CentreOf(FeatureSet train) => new(Moments(train).Mean, [.. Enumerable.Repeat(1.0, train.Size)]);

    /// <summary>Mean and variance of each dimension.</summary>
    public static (double[] Mean, double[] Variance) Moments(FeatureSet train)
    {
        double[] mean = new double[train.Size], squares = new double[train.Size];
        for (int i = 0; i < train.Count; i++)
        {
            var row = train[i];
            for (int j = 0; j < row.Length; j++)
            {
                double before = row[j] - mean[j];
                mean[j] += before / (i + 1); // Welford: no cancellation for dimensions far from zero
                squares[j] += before * (row[j] - mean[j]);
            }
        }
        return (mean, [.. squares.Select(s => s / train.Count)]);
    }

    public FeatureSet Apply(FeatureSet set)
    {
        var values = new float[set.Values.Length];
        for (int i = 0; i < set.Count; i++)
        {
            var row = set[i];
            for (int j = 0; j < row.Length; j++)
            {
                values[i * set.Size + j] = (float)((row[j] - _mean[j]) * _scale[j]);
            }
        }
        return new(values, set.Size, [.. set.Labels], set.Names, set.ClassNames);
    }
}
