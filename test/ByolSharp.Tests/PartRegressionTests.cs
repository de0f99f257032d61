using ByolSharp.Distributed;
using ByolSharp.Tests.Distributed;
using static TorchSharp.torch;

namespace ByolSharp.Tests;

public sealed class PartRegressionTests
{
    [Fact]
    public void Goals_over_places_have_mean_0_at_each_place_and_deviation_1_over_all()
    {
        // Places 0, 0, 5, 5, 5: means (2, 10) and (20, 40). What is left: (-1, -2), (1, 2), (-3, 0), (0, 6), (3, -6); mean squares 4 and 16.
        Tensor targets = tensor(new float[,] { { 1, 8 }, { 3, 12 }, { 17, 40 }, { 20, 46 }, { 23, 34 } });
        Tensor places = tensor(new long[] { 0, 0, 5, 5, 5 });

        Tensor goals = PartRegression.OverPlaces(targets, places, 9, SingleReplica.Instance);

        Assert.Equal([-0.5f, -0.5f, 0.5f, 0.5f, -1.5f, 0, 0, 1.5f, 1.5f, -1.5f], goals.data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Where_nothing_is_hidden_there_is_no_loss()
    {
        using var regression = new PartRegression(4, new(1, 0, 1, 1, PartNorm.Place, Places: 3));

        Assert.Equal(0, regression.Loss(new(zeros([0, 4]), zeros([0, 4]), zeros([0], ScalarType.Int64)), SingleReplica.Instance).item<float>());
    }

    [Fact]
    public void What_a_place_alone_tells_is_no_goal()
    {
        Tensor places = arange(40, ScalarType.Int64).remainder(8);
        Tensor ofPlace = rand([8, 3]).index_select(0, places), others = randn([40, 3]);

        Tensor goals = PartRegression.OverPlaces(others, places, 9, SingleReplica.Instance);

        Assert.True(PartRegression.OverPlaces(others + ofPlace * 100, places, 9, SingleReplica.Instance).allclose(goals, 1e-3, 1e-3));
        Assert.InRange(goals.pow(2).mean().item<float>(), 0.999f, 1.001f);
    }

    [Fact]
    public void Replicas_with_unequal_parts_have_the_goals_of_one_that_has_all()
    {
        Tensor targets = randn([9, 4]), places = tensor(new long[] { 1, 0, 1, 2, 2, 0, 1, 2, 0 });
        Tensor expected = PartRegression.OverPlaces(targets, places, 9, SingleReplica.Instance);
        var parts = new[] { (First: 0L, Count: 2L), (First: 2L, Count: 7L) };
        float[][] goals = ThreadReplicas.Run(2, replica =>
        {
            var (first, count) = parts[replica.Rank];
            return PartRegression.OverPlaces(targets.narrow(0, first, count), places.narrow(0, first, count), 9, replica).data<float>().ToArray();
        });

        Assert.Equal(expected.data<float>().ToArray(), goals.SelectMany(part => part), (a, b) => Math.Abs(a - b) < 1e-6);
    }
}
