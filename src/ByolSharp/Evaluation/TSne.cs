using System.Numerics;

namespace ByolSharp.Evaluation;

/// <summary>Settings of <see cref="TSne"/>.</summary>
public sealed record TSneOptions
{
    /// <summary>Effective number of neighbours, above 1; capped at a third of the samples. Default 30 (van der Maaten and Hinton 2008: 5 to 50).</summary>
    public double Perplexity { get; init; } = 30;

    /// <summary>Steps of gradient descent, at least 1. Default 750.</summary>
    public int Steps { get; init; } = 750;
}

/// <summary>
/// A map in which neighbours stay neighbours (t-SNE, van der Maaten and Hinton 2008), computed over all pairs: 1,000 samples take a second or
/// two. It starts from the principal components (Kobak and Berens 2019), so there is no chance in it and large distances keep some meaning.
/// </summary>
public sealed class TSne
{
    private const int InputComponents = 50, ExaggeratedSteps = 250;
    private const float Exaggeration = 12, EarlyMomentum = 0.5f, LateMomentum = 0.8f, SmallestGain = 0.01f, StartStd = 1e-4f;
    private readonly int _count;
    private readonly float[] _joint; // p_ij, symmetric, sums to 1
    private readonly float[][] _place, _gradient, _velocity, _gain; // [axis][sample]

    private TSne(double[][] components, TSneOptions options)
    {
        _count = components.Length;
        _joint = new NeighbourProbabilities(components, Math.Min(options.Perplexity, Math.Max(1.01, (_count - 1) / 3.0))).Joint();
        double scale = StartStd / Math.Max(1e-12, Math.Sqrt(components.Average(c => c[0] * c[0])));
        _place = [.. Enumerable.Range(0, 2).Select(axis => components.Select(c => (float)(c[axis] * scale)).ToArray())];
        (_gradient, _velocity) = (Axes(0), Axes(0));
        _gain = Axes(1);
    }

    /// <summary>Computes the map.</summary>
    /// <param name="features">At least 4 samples; time and memory grow with the square of their number.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    /// <returns>Two coordinates a sample, the same for the same features.</returns>
    public static double[][] Map(FeatureSet features, TSneOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features.Count, 4, nameof(features));
        options ??= new();
        var map = new TSne(PrincipalComponents.Project(features, InputComponents), options);
        for (int step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool early = step < Math.Min(ExaggeratedSteps, options.Steps / 3);
            map.Step(early ? Exaggeration : 1, early ? EarlyMomentum : LateMomentum);
        }
        return [.. Enumerable.Range(0, map._count).Select(i => new double[] { map._place[0][i], map._place[1][i] })];
    }

    private float[][] Axes(float value) => [.. Enumerable.Range(0, 2).Select(_ => Enumerable.Repeat(value, _count).ToArray())];

    private void Step(float exaggeration, float momentum)
    {
        ComputeGradient(exaggeration);
        float rate = Math.Max(_count / Exaggeration, 50); // Belkina et al. 2019
        for (int axis = 0; axis < 2; axis++)
        {
            float[] place = _place[axis], gradient = _gradient[axis], velocity = _velocity[axis], gain = _gain[axis];
            for (int i = 0; i < _count; i++)
            {
                gain[i] = gradient[i] * velocity[i] > 0 ? Math.Max(SmallestGain, gain[i] * 0.8f) : gain[i] + 0.2f;
                velocity[i] = momentum * velocity[i] - rate * gain[i] * gradient[i];
                place[i] += velocity[i];
            }
            float mean = place.Average();
            for (int i = 0; i < _count; i++)
            {
                place[i] -= mean;
            }
        }
    }

    /// <summary>The gradient 4 sum_j (p_ij - w_ij / W) w_ij (y_i - y_j) with w_ij = 1 / (1 + |y_i - y_j|^2); W is known only after all pairs.</summary>
    private void ComputeGradient(float exaggeration)
    {
        var rows = new Row[_count];
        Parallel.For(0, _count, i => rows[i] = RowOf(i)); // each row adds up in its own order, so threads change nothing
        double weight = 0;
        foreach (var row in rows)
        {
            weight += row.Weight - 1; // without the sample itself
        }
        for (int i = 0; i < _count; i++)
        {
            _gradient[0][i] = 4 * (exaggeration * rows[i].PullX - rows[i].PushX / (float)weight);
            _gradient[1][i] = 4 * (exaggeration * rows[i].PullY - rows[i].PushY / (float)weight);
        }
    }

    private Row RowOf(int i)
    {
        float[] x = _place[0], y = _place[1];
        var joint = _joint.AsSpan(i * _count, _count);
        Vector<float> pullX = default, pullY = default, pushX = default, pushY = default, weights = default;
        Vector<float> xi = new(x[i]), yi = new(y[i]);
        int j = 0;
        for (; j <= _count - Vector<float>.Count; j += Vector<float>.Count)
        {
            Vector<float> dx = xi - new Vector<float>(x, j), dy = yi - new Vector<float>(y, j);
            var w = Vector<float>.One / (Vector<float>.One + dx * dx + dy * dy);
            var pull = new Vector<float>(joint[j..]) * w;
            pullX += pull * dx;
            pullY += pull * dy;
            pushX += w * w * dx;
            pushY += w * w * dy;
            weights += w;
        }
        var row = new Row(Vector.Sum(pullX), Vector.Sum(pullY), Vector.Sum(pushX), Vector.Sum(pushY), Vector.Sum(weights));
        for (; j < _count; j++)
        {
            float dx = x[i] - x[j], dy = y[i] - y[j], w = 1 / (1 + dx * dx + dy * dy), pull = joint[j] * w;
            row = new(row.PullX + pull * dx, row.PullY + pull * dy, row.PushX + w * w * dx, row.PushY + w * w * dy, row.Weight + w);
        }
        return row;
    }

    private readonly record struct Row(float PullX, float PullY, float PushX, float PushY, float Weight);
}
