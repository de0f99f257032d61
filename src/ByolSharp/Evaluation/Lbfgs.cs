namespace ByolSharp.Evaluation;

/// <summary>
/// Minimises a smooth function by limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) with a bisecting line search for the weak
/// Wolfe conditions (Lewis and Overton 2013).
/// </summary>
internal static class Lbfgs
{
    private const int Memory = 10;
    private const double Decrease = 1e-4, Curvature = 0.9;

    /// <summary>Gives the value at x and writes the gradient.</summary>
    public delegate double Objective(ReadOnlySpan<double> x, Span<double> gradient);

    /// <summary>
    /// Moves x to a minimum: until no component of the gradient exceeds the tolerance, no step gains any more, or the iterations are used up.
    /// </summary>
    /// <returns>The iterations done.</returns>
    public static int Minimise(double[] x, Objective objective, int maxIterations, double tolerance, CancellationToken cancellation = default)
    {
        var gradient = new double[x.Length];
        double value = objective(x, gradient);
        var history = new LinkedList<(double[] Step, double[] Change, double Product)>();
        for (int iteration = 0; iteration < maxIterations; iteration++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (gradient.Max(Math.Abs) <= tolerance)
            {
                return iteration;
            }
            double[] direction = Direction(gradient, history);
            double first = history.Count == 0 ? 1 / Math.Max(1, Math.Sqrt(Dot(gradient, gradient))) : 1;
            if (Search(x, value, gradient, direction, first, objective) is not { } next)
            {
                return iteration;
            }
            double[] step = Combine(next.X, x, -1), change = Combine(next.Gradient, gradient, -1);
            double product = Dot(step, change);
            if (product > 1e-12 * Dot(change, change))
            {
                history.AddFirst((step, change, product));
            }
            if (history.Count > Memory)
            {
                history.RemoveLast();
            }
            next.X.CopyTo(x, 0);
            (value, gradient) = (next.Value, next.Gradient);
        }
        return maxIterations;
    }

    /// <summary>Minus the inverse Hessian's approximation times the gradient (two-loop recursion).</summary>
    private static double[] Direction(double[] gradient, LinkedList<(double[] Step, double[] Change, double Product)> history)
    {
        double[] direction = [.. gradient.Select(g => -g)];
        var weights = new Stack<double>();
        foreach (var (step, change, product) in history)
        {
            weights.Push(Dot(step, direction) / product);
            Add(direction, change, -weights.Peek());
        }
        if (history.First?.Value is { } latest)
        {
            double scale = latest.Product / Dot(latest.Change, latest.Change);
            for (int i = 0; i < direction.Length; i++)
            {
                direction[i] *= scale;
            }
        }
        foreach (var (step, change, product) in history.Reverse())
        {
            Add(direction, step, weights.Pop() - Dot(change, direction) / product);
        }
        return direction;
    }

    /// <summary>A point along the direction that is low and flat enough; none where rounding hides any gain.</summary>
    private static (double[] X, double Value, double[] Gradient)? Search(
        double[] x, double value, double[] gradient, double[] direction, double first, Objective objective)
    {
        double slope = Dot(gradient, direction), low = 0, high = double.PositiveInfinity, t = first;
        (double[], double, double[])? lowered = null;
        for (int trial = 0; trial < 25; trial++)
        {
            double[] candidate = Combine(x, direction, t), candidateGradient = new double[x.Length];
            double candidateValue = objective(candidate, candidateGradient);
            if (!(candidateValue <= value + Decrease * t * slope))
            {
                high = t;
            }
            else
            {
                lowered = (candidate, candidateValue, candidateGradient);
                if (Dot(candidateGradient, direction) >= Curvature * slope)
                {
                    return lowered;
                }
                low = t;
            }
            t = double.IsPositiveInfinity(high) ? 2 * low : (low + high) / 2;
        }
        return lowered;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static void Add(double[] to, double[] what, double times)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] += times * what[i];
        }
    }

    private static double[] Combine(double[] a, double[] b, double times)
    {
        double[] sum = [.. a];
        Add(sum, b, times);
        return sum;
    }
}
