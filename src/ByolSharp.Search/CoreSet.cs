using System.Numerics.Tensors;

namespace ByolSharp.Search;

/// <summary>A few samples that stand for all: none of the others is far from each of them.</summary>
/// <param name="Samples">Indices of the samples, in the order of their choice: any first part of them is a choice of that size.</param>
/// <param name="Radius">Largest cosine distance (1 - cosine) of any sample to the nearest one chosen, after each choice.</param>
public sealed record CoreSet(IReadOnlyList<int> Samples, IReadOnlyList<float> Radius)
{
    /// <summary>
    /// Chooses samples to label first by the greedy k-centre rule (Gonzalez 1985; core sets for active learning: Sener and Savarese 2018,
    /// arXiv 1708.00489): each time the one farthest from all chosen so far, of equals the first. The radius is at most twice the least possible.
    /// </summary>
    /// <param name="matrix">Representations.</param>
    /// <param name="count">How many to choose, at least 1; fewer where fewer are left.</param>
    /// <param name="chosen">Samples that are chosen already, such as those that have a label; not in the result. Without any the most typical sample is the first: the one nearest to the mean.</param>
    /// <param name="cancellation">Stops between choices.</param>
    public static CoreSet Choose(RepresentationMatrix matrix, int count, IReadOnlyList<int>? chosen = null, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        chosen ??= [];
        var nearest = new float[matrix.Count]; // cosine with the nearest of the chosen
        var cosines = new float[matrix.Count];
        Array.Fill(nearest, float.NegativeInfinity);
        foreach (int i in chosen)
        {
            cancellation.ThrowIfCancellationRequested();
            Take(i);
        }
        count = Math.Min(count, matrix.Count - chosen.Distinct().Count());
        var samples = new List<int>(count);
        var radius = new List<float>(count);
        while (samples.Count < count)
        {
            cancellation.ThrowIfCancellationRequested();
            int next = samples.Count == 0 && chosen.Count == 0 ? MostTypical(matrix) : Farthest(nearest);
            samples.Add(next);
            Take(next);
            radius.Add(1 - Math.Min(1, nearest.Min()));
        }
        return new(samples, radius);

        void Take(int sample)
        {
            matrix.Compare(sample, cosines);
            TensorPrimitives.Max(nearest, cosines, nearest);
            nearest[sample] = float.PositiveInfinity; // never again, not even among equals
        }
    }

    private static int Farthest(float[] nearest) => TensorPrimitives.IndexOfMin(nearest);

    private static int MostTypical(RepresentationMatrix matrix)
    {
        var mean = new float[matrix.Size];
        for (int i = 0; i < matrix.Count; i++)
        {
            TensorPrimitives.Add(mean, matrix[i], mean);
        }
        return matrix.IndexOf(matrix.Nearest(mean, 1)[0].Name);
    }
}
