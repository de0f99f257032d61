using ByolSharp.Search;
using CsCheck;

namespace ByolSharp.Tests.Search;

/// <summary>The search is exact: what it finds is what comparing all with all in double precision finds.</summary>
public sealed class RepresentationMatrixTests
{
    private const float Tolerance = 1e-5f;

    [Fact]
    public void Neighbours_are_those_of_a_plain_comparison() =>
        Gen.Select(Gen.Int[1, 9000], Gen.Int[1, 40], Gen.Int[1, 20], Gen.Long).Sample(
            (rows, size, k, seed) =>
            {
                var matrix = Draw(rows, size, seed);
                float[] query = Draw(1, size, seed + 1).Values.ToArray();

                var found = matrix.Nearest(query, k, cancellation: TestContext.Current.CancellationToken);

                double[] expected = [.. Enumerable.Range(0, rows).Select(i => Cosine(query, matrix[i])).OrderDescending().Take(k)];
                Assert.Equal(expected.Length, found.Count);
                Assert.All(found.Zip(expected), pair => Assert.Equal(pair.Second, pair.First.Similarity, Tolerance));
                Assert.All(found, n => Assert.Equal(Cosine(query, matrix[matrix.IndexOf(n.Name)]), n.Similarity, Tolerance));
                Assert.Equal(found.Count, found.Select(n => n.Name).Distinct().Count());
            },
            iter: 30);

    [Fact]
    public void Of_equals_the_earlier_ones_are_found_also_across_parts()
    {
        var matrix = new RepresentationMatrix([.. Enumerable.Repeat(1f, 10_000)], 1, [.. Enumerable.Range(0, 10_000).Select(i => $"{i}")]);

        Assert.Equal(["0", "1", "2"], matrix.Nearest(new[] { 2f }, 3, cancellation: TestContext.Current.CancellationToken).Select(n => n.Name));
    }

    [Fact]
    public void The_sample_itself_is_left_out_and_zeros_are_like_nothing()
    {
        var matrix = new RepresentationMatrix([1, 0, 3, 0, 0, 0, -1, 0], 2, ["a", "b", "zero", "opposite"], ["x", "y", null, null]);

        var found = matrix.Nearest(new[] { 1f, 0f }, 9, except: 0, TestContext.Current.CancellationToken);

        Assert.Equal([new("b", "y", 1), new("zero", null, 0), new Neighbour("opposite", null, -1)], found);
        Assert.All(matrix.Nearest(new[] { 0f, 0f }, 9, cancellation: TestContext.Current.CancellationToken), n => Assert.Equal(0, n.Similarity));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        var matrix = Draw(3, 4, 1);

        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Nearest(new float[5], 1, cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Nearest(new float[4], 0, cancellation: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RepresentationMatrix(new float[7], 4, ["a", "b"]));
    }

    internal static RepresentationMatrix Draw(int rows, int size, long seed)
    {
        var random = new SampleRandom(seed);
        return new([.. Enumerable.Range(0, rows * size).Select(_ => (float)random.NextNormal())], size, [.. Enumerable.Range(0, rows).Select(i => $"{i}")]);
    }

    internal static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double dot = 0, aa = 0, bb = 0;
        for (int i = 0; i < a.Length; i++)
        {
            (dot, aa, bb) = (dot + (double)a[i] * b[i], aa + (double)a[i] * a[i], bb + (double)b[i] * b[i]);
        }
        return dot / Math.Sqrt(aa * bb);
    }
}
