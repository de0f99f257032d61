using ByolSharp.Evaluation;
using ByolSharp.Evaluation.FewLabels;

namespace ByolSharp.Tests.Evaluation.FewLabels;

public sealed class PrincipalComponentsBackboneTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Directions_are_those_of_the_largest_variance_in_order()
    {
        // Around (5, -3, 1): deviations 4 along (0.6, 0.8, 0), 1 along (-0.8, 0.6, 0), none along the third axis.
        var random = new SampleRandom(1);
        var values = new float[3 * 4000];
        for (int i = 0; i < 4000; i++)
        {
            double along = 4 * random.NextNormal(), across = random.NextNormal();
            (values[3 * i], values[3 * i + 1], values[3 * i + 2]) = ((float)(5 + 0.6 * along - 0.8 * across), (float)(-3 + 0.8 * along + 0.6 * across), 1);
        }
        var set = new FeatureSet(values, 3);
        using var components = PrincipalComponentsBackbone.Fit(new VectorSource(set), count: 2, Token);
        var reduced = FeatureExtractor.Extract(components, new VectorSource(set), cancellation: Token).Features;

        Assert.Equal((2, 4000), (components.RepresentationSize, reduced.Count));
        Assert.Equal((0.0, 4.0), (Mean(0), Deviation(0)), new Within(0.1));
        Assert.Equal((0.0, 1.0), (Mean(1), Deviation(1)), new Within(0.1));

        double Mean(int j) => Enumerable.Range(0, 4000).Average(i => reduced[i][j]);
        double Deviation(int j) => Math.Sqrt(Enumerable.Range(0, 4000).Average(i => reduced[i][j] * (double)reduced[i][j]));
    }

    [Fact]
    public void Few_samples_or_values_allow_few_directions()
    {
        using var components = PrincipalComponentsBackbone.Fit(new VectorSource(Blobs.Draw(5, 8, 2, 1, 1)), count: 256, Token);

        Assert.Equal(4, components.RepresentationSize);
    }

    private sealed class Within(double tolerance) : IEqualityComparer<(double, double)>
    {
        public bool Equals((double, double) a, (double, double) b) => Math.Abs(a.Item1 - b.Item1) < tolerance && Math.Abs(a.Item2 - b.Item2) < tolerance;

        public int GetHashCode((double, double) pair) => 0;
    }
}
