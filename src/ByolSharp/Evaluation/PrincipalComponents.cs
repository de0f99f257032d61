using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>Projects representations onto the directions of their largest variance (PCA).</summary>
public static class PrincipalComponents
{
    /// <summary>Coordinates of the samples along the first components, the largest variance first.</summary>
    /// <param name="features">At least two samples.</param>
    /// <param name="components">Coordinates of a sample, at least 1; those beyond the data's dimensions are 0.</param>
    /// <returns>[sample][component]; the sign of a component is such that its coordinate of largest size is positive.</returns>
    public static double[][] Project(FeatureSet features, int components)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features.Count, 2, nameof(features));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var rows = features.AsTensor().to(ScalarType.Float64);
        rows -= rows.mean([0], keepdim: true);
        var coordinates = features.Count < features.Size ? FromSamples(rows) : FromDimensions(rows);
        double[] values = coordinates.contiguous().data<double>().ToArray();
        int found = (int)coordinates.shape[1];
        double[][] projected = [.. Enumerable.Range(0, features.Count).Select(_ => new double[components])];
        for (int c = 0; c < Math.Min(components, found); c++)
        {
            int column = found - 1 - c; // eigenvalues ascend
            double largest = Enumerable.Range(0, features.Count).Select(i => values[i * found + column]).MaxBy(Math.Abs);
            for (int i = 0; i < features.Count; i++)
            {
                projected[i][c] = largest < 0 ? -values[i * found + column] : values[i * found + column];
            }
        }
        return projected;
    }

    private static Tensor FromDimensions(Tensor rows)
    {
        var (_, directions) = linalg.eigh(rows.t().mm(rows));
        return rows.mm(directions);
    }

    /// <summary>With fewer samples than dimensions the products of the samples are the smaller matrix: X v = u sqrt(lambda).</summary>
    private static Tensor FromSamples(Tensor rows)
    {
        var (lambda, u) = linalg.eigh(rows.mm(rows.t()));
        return u * lambda.relu().sqrt();
    }
}
