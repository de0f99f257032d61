using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>The variance and covariance terms of VICReg against values computed by hand.</summary>
public sealed class ProjectionSpreadTests
{
    [Fact]
    public void Variance_counts_what_each_dimension_lacks_of_a_standard_deviation_of_1()
    {
        using var scope = NewDisposeScope();
        // variances over two samples: 0.5 * 0.6^2 = 0.18 and 0.5 * 4^2 = 8
        var z = tensor(new float[,] { { 0, 0 }, { 0.6f, 4 } });

        Assert.Equal((1 - Math.Sqrt(0.18 + 1e-4)) / 2, ProjectionSpread.Variance(z).item<float>(), 1e-6);
    }

    [Fact]
    public void Variance_pulls_equal_projections_apart_with_a_finite_gradient()
    {
        using var scope = NewDisposeScope();
        var z = ones(4, 3, requires_grad: true);
        var value = ProjectionSpread.Variance(z);
        value.backward();

        Assert.Equal(1 - 0.01, value.item<float>(), 1e-6);
        Assert.True(z.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Covariance_sums_the_squares_off_the_diagonal()
    {
        using var scope = NewDisposeScope();
        // the first two dimensions are one, with variance 4/3; the third has no covariance with them
        var z = tensor(new float[,] { { 1, 1, 1 }, { 1, 1, -1 }, { -1, -1, 1 }, { -1, -1, -1 } });

        Assert.Equal(2 * (4.0 / 3) * (4.0 / 3) / 3, ProjectionSpread.Covariance(z).item<float>(), 1e-6);
    }

    [Fact]
    public void Without_weights_the_objective_is_the_loss_and_with_them_it_is_more_by_the_terms()
    {
        using var scope = NewDisposeScope();
        var options = new ByolOptions { HiddenSize = 16, ProjectionSize = 8 };
        var (plain, more) = (Forward(options), Forward(options with { VarianceWeight = 2, CovarianceWeight = 0.5 }));
        var (z1, z2) = (more.Projection1, more.Projection2);
        var terms = ProjectionSpread.Variance(z1) + ProjectionSpread.Variance(z2) + (ProjectionSpread.Covariance(z1) + ProjectionSpread.Covariance(z2)) * 0.5;

        Assert.Equal(plain.Loss.item<float>(), plain.Objective.item<float>());
        Assert.Equal(plain.Loss.item<float>(), more.Loss.item<float>());
        Assert.Equal(more.Loss.item<float>() + terms.item<float>(), more.Objective.item<float>(), 1e-5);
    }

    private static ByolOutput Forward(ByolOptions options)
    {
        using var byol = new ByolSharp.Byol(() => new TinyBackbone(1), options);
        var views = arange(8 * 3 * 8 * 8, float32).reshape(8, 3, 8, 8).sin();
        return byol.Forward(views, views.flip(3));
    }
}
