using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>
/// Other variables for a linear model with an L2 penalty on its weights: features around their mean, each weight measured by the curvature of the
/// loss along it. The minimum is the same, and a quasi-Newton method finds it in a fraction of the iterations.
/// </summary>
/// <remarks>
/// With u = s w the curvature of the mean loss along u is about h var / s^2 + lambda / (n s^2), with h = (1 - 1 / c) / c at equal
/// probabilities of c classes; s is chosen so that this is 1. The mean goes into the bias, which is not penalised.
/// </remarks>
internal sealed class FeatureScaling
{
    private readonly double[] _mean, _scale;
    private readonly double _penalty;

    /// <summary>Measures the features.</summary>
    /// <param name="train">The samples that are fitted.</param>
    /// <param name="lambda">Penalty lambda / 2 |W|^2 on the sum of losses.</param>
    /// <param name="classes">Classes that exclude each other; 2 for independent ones.</param>
    public FeatureScaling(FeatureSet train, double lambda, int classes)
    {
        var (mean, variance) = Standardizer.Moments(train);
        double h = (1 - 1.0 / classes) / classes;
        (_mean, _penalty) = (mean, lambda / train.Count);
        _scale = [.. variance.Select(v => Math.Sqrt(h * v + _penalty)).Select(s => s > 1e-12 ? s : 1)];
    }

    /// <summary>(x - mean) / s, [samples, size]; in memory of libtorch's own, so that rounding does not depend on where an array happens to lie.</summary>
    public Tensor Scaled(FeatureSet set)
    {
        var values = new float[set.Values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)((set.Values[i] - _mean[i % set.Size]) / _scale[i % set.Size]);
        }
        return tensor(values).view(set.Count, set.Size).clone();
    }

    /// <summary>Adds the penalty's gradient.</summary>
    /// <param name="weights">Scaled weights, row after row.</param>
    /// <param name="gradient">At least as long.</param>
    /// <returns>The penalty.</returns>
    public double AddPenalty(ReadOnlySpan<double> weights, Span<double> gradient)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double scale = _scale[i % _scale.Length], slope = _penalty * weights[i] / (scale * scale);
            sum += slope * weights[i] / 2;
            gradient[i] += slope;
        }
        return sum;
    }

    /// <summary>Weights [classes, size], then bias [classes], as scaled ones.</summary>
    public double[] ToScaled(double[] plain) => Convert(plain, isScaled: false);

    /// <summary>The reverse of <see cref="ToScaled"/>.</summary>
    public double[] ToPlain(double[] scaled) => Convert(scaled, isScaled: true);

    private double[] Convert(double[] from, bool isScaled)
    {
        int size = _scale.Length, classes = from.Length / (size + 1);
        double[] to = [.. from];
        for (int i = 0; i < classes * size; i++)
        {
            int c = i / size, j = i % size;
            double plain = isScaled ? from[i] / _scale[j] : from[i];
            to[i] = isScaled ? plain : plain * _scale[j];
            to[classes * size + c] += (isScaled ? -1 : 1) * plain * _mean[j];
        }
        return to;
    }
}
