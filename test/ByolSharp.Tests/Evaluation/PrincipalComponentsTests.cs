using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class PrincipalComponentsTests
{
    [Fact]
    public void Points_on_a_line_differ_along_the_first_component_alone()
    {
        float[] steps = [-3, -1, 0, 1, 3];
        var line = new FeatureSet([.. steps.SelectMany(s => new[] { 3 * s + 5, 4 * s - 1 })], size: 2);
        double[][] projected = PrincipalComponents.Project(line, components: 3);

        Assert.All(steps.Zip(projected), p => Assert.Equal(5 * Math.Abs(p.First), Math.Abs(p.Second[0]), 1e-5));
        Assert.All(projected, p => Assert.Equal((0, 0), (Math.Round(p[1], 5), p[2])));
    }

    [Fact]
    public void Few_samples_of_many_dimensions_and_many_of_few_keep_all_distances()
    {
        foreach (var (count, size) in new[] { (12, 40), (40, 12) })
        {
            var features = Blobs.Draw(count, size, classes: 3, spread: 1, seed: 5);
            double[][] projected = PrincipalComponents.Project(features, components: 12);

            Assert.Equal(Distance([.. features[0].ToArray().Select(v => (double)v)], [.. features[1].ToArray().Select(v => (double)v)]), Distance(projected[0], projected[1]), 1e-4);
            double[] variances = [.. Enumerable.Range(0, 12).Select(c => projected.Sum(p => p[c] * p[c]))];
            Assert.Equal(variances.OrderDescending(), variances);
        }
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
