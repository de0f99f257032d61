using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

public sealed class RepresentationHealthTests
{
    [Fact]
    public void Identical_vectors_have_no_spread_and_rank_one()
    {
        using var scope = NewDisposeScope();
        var z = Normal(1, 32, seed: 1).expand(64, 32);
        var health = RepresentationHealth.Measure(z, z);

        Assert.Equal(0, health.ProjectionStd, 9);
        Assert.Equal(1, health.Rank, 3);
        Assert.Equal(0, health.Alignment, 9);
        Assert.Equal(0, health.Uniformity, 9);
    }

    [Theory]
    [InlineData(512, 16)]
    [InlineData(2000, 64)]
    [InlineData(32, 256)]
    public void Vectors_that_point_everywhere_have_the_healthy_spread_and_nearly_full_rank(int batch, int size)
    {
        using var scope = NewDisposeScope();
        var health = RepresentationHealth.Measure(Normal(batch, size, 1), Normal(batch, size, 2));

        Assert.Equal(1 / Math.Sqrt(size), health.ProjectionStd, 0.02 / Math.Sqrt(size));
        Assert.Equal(1, health.RelativeStd, 0.02);
        Assert.Equal(Math.Min(batch, size), health.RankLimit);
        Assert.InRange(health.Rank, 0.93 * health.RankLimit, health.RankLimit + 1e-3);
        Assert.Equal(2, health.Alignment, 0.15); // unrelated views: |a|^2 + |b|^2
    }

    [Fact]
    public void Two_samples_give_the_values_computed_by_hand()
    {
        using var scope = NewDisposeScope();
        // views 1: e1, e2 (lengths 2 and 3); views 2: e1, e1
        var z1 = tensor(new float[,] { { 2, 0 }, { 0, 3 } });
        var z2 = tensor(new float[,] { { 5, 0 }, { 1, 0 } });
        var health = RepresentationHealth.Measure(z1, z2);

        Assert.Equal((Math.Sqrt(0.5) + 0) / 2, health.ProjectionStd, 6); // std of (1, 0) is sqrt(1/2); of (1, 1) and (0, 0) nought
        Assert.Equal((0 + 2) / 2.0, health.Alignment, 6);
        Assert.Equal((-4 + 0) / 2.0, health.Uniformity, 6); // log exp(-2 * 2) and log exp(0)
        Assert.Equal(Math.Exp(-(0.4 * Math.Log(0.4) + 0.6 * Math.Log(0.6))), health.Rank, 4); // singular values 2 and 3
    }

    [Fact]
    public void The_scale_of_a_projection_moves_nothing_but_the_rank()
    {
        using var scope = NewDisposeScope();
        Tensor z1 = Normal(40, 8, 1), z2 = Normal(40, 8, 2), scales = Normal(40, 1, 3).abs() + 0.1;
        RepresentationHealth plain = RepresentationHealth.Measure(z1, z2), scaled = RepresentationHealth.Measure(z1 * scales, z2 * 7);

        Assert.Equal(plain.ProjectionStd, scaled.ProjectionStd, 6);
        Assert.Equal(plain.Alignment, scaled.Alignment, 6);
        Assert.Equal(plain.Uniformity, scaled.Uniformity, 6);
    }

    [Fact]
    public void Projections_that_are_not_finite_give_no_numbers()
    {
        using var scope = NewDisposeScope();
        var z = Normal(4, 4, 1);
        z[0, 0] = float.PositiveInfinity;

        Assert.True(double.IsNaN(RepresentationHealth.Measure(Normal(4, 4, 2), z).Rank));
    }

    [Fact]
    public void Shapes_must_fit()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => RepresentationHealth.Measure(Normal(4, 4, 1), Normal(4, 5, 1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => RepresentationHealth.Measure(Normal(1, 4, 1), Normal(1, 4, 1)));
    }

    private static Tensor Normal(int rows, int columns, long seed) => RandomRows.Normal(rows, columns, seed).to(ScalarType.Float32);
}
