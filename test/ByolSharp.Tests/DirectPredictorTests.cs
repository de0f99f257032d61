using static TorchSharp.torch;

namespace ByolSharp.Tests;

/// <summary>The computed predictors of Tian et al. 2021 and Wang et al. 2021.</summary>
public sealed class DirectPredictorTests
{
    /// <summary>Two dimensions with mean squares 4 and 1 and no correlation.</summary>
    private static readonly float[,] Views = { { 2, 1 }, { -2, 1 }, { 2, -1 }, { -2, -1 } };

    [Fact]
    public void DirectPred_scales_each_eigenvector_by_the_root_of_its_share_plus_epsilon()
    {
        using var scope = NewDisposeScope();
        using var predictor = Observed(copies: false);

        Expect([1.1f, 0, 0, 0.6f], predictor); // sqrt(4 / 4) + 0.1, sqrt(1 / 4) + 0.1
    }

    [Fact]
    public void DirectCopy_is_the_correlations_by_their_norm_plus_epsilon()
    {
        using var scope = NewDisposeScope();
        using var predictor = Observed(copies: true);
        float norm = MathF.Sqrt(4 * 4 + 1);

        Expect([4 / norm + 0.1f, 0, 0, 1 / norm + 0.1f], predictor);
    }

    [Fact]
    public void Correlations_follow_the_batches_by_a_moving_average()
    {
        using var scope = NewDisposeScope();
        using var predictor = Observed(copies: false);
        var views = tensor(Views);
        predictor.Observe(views * 2, views * 2);

        // 0.3 * (0.7 * 4) + 0.7 * 16 and the same of 1 and 4
        var expected = tensor(new float[,] { { 12.04f, 0 }, { 0, 3.01f } });
        Assert.True(predictor.get_buffer("correlation")!.allclose(expected, 1e-5, 1e-5));
    }

    [Fact]
    public void Turning_the_projections_turns_the_predictor_with_them()
    {
        using var scope = NewDisposeScope();
        var (c, s) = (MathF.Cos(0.7f), MathF.Sin(0.7f));
        var turn = tensor(new float[,] { { c, -s }, { s, c } });
        using var plain = Observed(copies: false);
        using var turned = new DirectPredictor(2);
        turned.Observe(tensor(Views).matmul(turn), tensor(Views).matmul(turn));

        var expected = turn.t().matmul(plain.get_buffer("weight")!).matmul(turn);
        Assert.True(turned.get_buffer("weight")!.allclose(expected, 1e-5, 1e-5));
    }

    [Fact]
    public void Projections_that_are_no_numbers_do_not_throw()
    {
        using var scope = NewDisposeScope();
        using var predictor = new DirectPredictor(2);
        predictor.Observe(full(4, 2, float.NaN), ones(4, 2));

        Assert.True(predictor.call(full(4, 2, float.NaN)).isnan().all().item<bool>());
    }

    private static DirectPredictor Observed(bool copies)
    {
        var predictor = new DirectPredictor(2, copies);
        predictor.Observe(tensor(Views), tensor(Views));
        return predictor;
    }

    private static void Expect(float[] weight, DirectPredictor predictor) =>
        Assert.Equal(weight, predictor.call(eye(2)).data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-5);
}
