namespace ByolSharp.Evaluation;

/// <summary>How likely each sample would choose each other as its neighbour, under a Gaussian whose width gives a perplexity (t-SNE, section 2).</summary>
/// <param name="points">Coordinates of the samples.</param>
/// <param name="perplexity">Effective number of neighbours, above 1 and below the number of samples.</param>
internal sealed class NeighbourProbabilities(double[][] points, double perplexity)
{
    private const int Bisections = 64;
    private const double Tolerance = 1e-5;
    private readonly int _count = points.Length;

    /// <summary>p_ij = (p_j|i + p_i|j) / 2n, row after row; 0 on the diagonal, 1 in all.</summary>
    internal float[] Joint()
    {
        var conditional = new double[_count][];
        Parallel.For(0, _count, i => conditional[i] = RowOf(i));
        var joint = new float[(long)_count * _count];
        for (int i = 0; i < _count; i++)
        {
            for (int j = 0; j < _count; j++)
            {
                joint[i * _count + j] = (float)((conditional[i][j] + conditional[j][i]) / (2.0 * _count));
            }
        }
        return joint;
    }

    private double[] RowOf(int i)
    {
        double[] distances = [.. points.Select(p => SquaredDistance(points[i], p))];
        double nearest = distances.Where((_, j) => j != i).Min(); // taken off all: it divides out, and nothing underflows
        double low = 0, high = double.PositiveInfinity, beta = 1 / Math.Max(distances.Average(), 1e-12);
        var row = new double[_count];
        for (int round = 0; round < Bisections; round++)
        {
            double excess = Fill(row, distances, i, nearest, beta) - Math.Log(perplexity);
            if (Math.Abs(excess) < Tolerance)
            {
                break;
            }
            (low, high) = excess > 0 ? (beta, high) : (low, beta); // too many neighbours: a narrower Gaussian
            beta = double.IsInfinity(high) ? 2 * beta : (low + high) / 2;
        }
        return row;
    }

    /// <summary>Fills the row of sample i and returns its entropy.</summary>
    private static double Fill(double[] row, double[] distances, int i, double nearest, double beta)
    {
        double sum = 0, mean = 0;
        for (int j = 0; j < row.Length; j++)
        {
            double distance = distances[j] - nearest;
            row[j] = j == i ? 0 : Math.Exp(-beta * distance);
            sum += row[j];
            mean += row[j] * distance;
        }
        for (int j = 0; j < row.Length; j++)
        {
            row[j] /= sum;
        }
        return Math.Log(sum) + beta * mean / sum;
    }

    private static double SquaredDistance(double[] a, double[] b)
    {
        double sum = 0;
        for (int c = 0; c < a.Length; c++)
        {
            sum += (a[c] - b[c]) * (a[c] - b[c]);
        }
        return sum;
    }
}
