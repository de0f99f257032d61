using ByolSharp.Search;
using CsCheck;

namespace ByolSharp.Tests.Search;

/// <summary>Chosen samples stand for all, as the greedy rule promises.</summary>
public sealed class CoreSetTests
{
    private const float Tolerance = 1e-5f;

    [Fact]
    public void Each_choice_is_the_one_farthest_from_those_before() =>
        Gen.Select(Gen.Int[2, 60], Gen.Long).Sample(
            (rows, seed) =>
            {
                var matrix = RepresentationMatrixTests.Draw(rows, 5, seed);
                var chosen = CoreSet.Choose(matrix, rows, cancellation: TestContext.Current.CancellationToken);

                Assert.Equal(Enumerable.Range(0, rows), chosen.Samples.Order());
                for (int i = 1; i < rows; i++)
                {
                    double[] distances = [.. Enumerable.Range(0, rows).Select(s => chosen.Samples.Take(i).Min(c => Distance(matrix, s, c)))];
                    Assert.Equal(distances.Max(), distances[chosen.Samples[i]], Tolerance);
                    Assert.Equal(distances.Max(), chosen.Radius[i - 1], Tolerance);
                }
            },
            iter: 30);

    [Fact]
    public void The_radius_is_at_most_four_times_the_least_possible()
    {
        // Twice in Euclidean distance between unit vectors, whose square is twice the cosine distance.
        var matrix = RepresentationMatrixTests.Draw(14, 3, seed: 5);
        var radii =
            from a in Enumerable.Range(0, 14)
            from b in Enumerable.Range(0, a)
            from c in Enumerable.Range(0, b)
            select Enumerable.Range(0, 14).Max(s => new[] { a, b, c }.Min(centre => Distance(matrix, s, centre)));
        double least = radii.Min();

        Assert.InRange(CoreSet.Choose(matrix, 3, cancellation: TestContext.Current.CancellationToken).Radius[^1], least - Tolerance, 4 * least);
    }

    [Fact]
    public void Classes_far_apart_are_all_met_first()
    {
        float[] values = [.. Enumerable.Range(0, 200).SelectMany(i => Enumerable.Range(0, 4).Select(j => j == i % 4 ? 1f : i * 1e-4f))];
        var matrix = new RepresentationMatrix(values, 4, [.. Enumerable.Range(0, 200).Select(i => $"{i}")]);

        Assert.Equal([0, 1, 2, 3], CoreSet.Choose(matrix, 4, cancellation: TestContext.Current.CancellationToken).Samples.Select(i => i % 4).Order());
    }

    [Fact]
    public void Samples_with_a_label_count_as_chosen()
    {
        var matrix = new RepresentationMatrix([1, 0, 0.9f, 0.1f, 0, 1], 2, ["a", "like a", "other"]);

        Assert.Equal([2], CoreSet.Choose(matrix, 1, [0], TestContext.Current.CancellationToken).Samples);
        Assert.Equal([2, 1], CoreSet.Choose(matrix, 9, [0], TestContext.Current.CancellationToken).Samples);
        Assert.Empty(CoreSet.Choose(matrix, 9, [0, 1, 2], TestContext.Current.CancellationToken).Samples);
    }

    private static double Distance(RepresentationMatrix matrix, int a, int b) => 1 - RepresentationMatrixTests.Cosine(matrix[a], matrix[b]);
}
