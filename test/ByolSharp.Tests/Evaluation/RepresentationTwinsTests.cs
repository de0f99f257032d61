using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class RepresentationTwinsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Pairs_are_those_of_comparing_all_with_all()
    {
        FeatureSet a = Blobs.Draw(1500, 6, 4, 0.5, 1), b = Blobs.Draw(200, 6, 4, 0.5, 2);
        const double least = 0.97;
        var within = RepresentationTwins.Within(a, least, Token);
        var between = RepresentationTwins.Between(a, b, least, Token);

        Assert.NotEmpty(within);
        Assert.Equal(BruteForce(a, a, least).Where(p => p.I < p.J).Select(p => (a.Names[p.I], a.Names[p.J])).Order(), within.Select(p => (p.A, p.B)).Order());
        Assert.Equal(BruteForce(a, b, least).Select(p => (a.Names[p.I], b.Names[p.J])).Order(), between.Select(p => (p.A, p.B)).Order());
        Assert.Equal(within.Select(p => p.Cosine).OrderDescending(), within.Select(p => p.Cosine));
    }

    private static List<(int I, int J)> BruteForce(FeatureSet a, FeatureSet b, double least)
    {
        double[] mean = [.. Enumerable.Range(0, a.Size).Select(d => Enumerable.Range(0, a.Count).Average(i => (double)a[i][d]))];
        double[][] mine = [.. Enumerable.Range(0, a.Count).Select(i => Unit(a[i]))], theirs = [.. Enumerable.Range(0, b.Count).Select(j => Unit(b[j]))];
        return [.. from i in Enumerable.Range(0, a.Count) from j in Enumerable.Range(0, b.Count) where Dot(mine[i], theirs[j]) >= least select (i, j)];

        double[] Unit(ReadOnlySpan<float> row)
        {
            var centred = new double[row.Length];
            for (int d = 0; d < row.Length; d++)
            {
                centred[d] = row[d] - mean[d];
            }
            double norm = Math.Sqrt(Dot(centred, centred));
            return [.. centred.Select(c => c / norm)];
        }

        static double Dot(double[] x, double[] y) => x.Zip(y, (p, q) => p * q).Sum();
    }
}
