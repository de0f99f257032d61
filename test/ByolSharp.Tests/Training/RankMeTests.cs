using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

public sealed class RankMeTests
{
    private const double Rounding = 1e-4; // the paper's epsilon of 1e-7 times its logarithm, for each value

    [Theory, InlineData(4, 4), InlineData(12, 4)]
    public void Equal_directions_all_count(int count, int size)
    {
        using var scope = NewDisposeScope();

        Assert.Equal(size, RankMe.Of(eye(size).repeat(count / size, 1) * 3), Rounding);
    }

    [Fact]
    public void Vectors_on_one_line_have_rank_one()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(1, RankMe.Of(RandomRows.Normal(30, 1, 1).mm(RandomRows.Normal(1, 8, 2))), Rounding);
        Assert.Equal(1, RankMe.Of(ones(30, 8)), Rounding);
    }

    [Fact]
    public void Unequal_singular_values_count_by_the_entropy_of_their_shares()
    {
        using var scope = NewDisposeScope();
        double[] shares = [0.5, 0.3, 0.2];

        double rank = RankMe.Of(diag(tensor(new[] { 5.0, 3, 2 })).mm(RandomRows.Rotation(3, 1)));

        Assert.Equal(Math.Exp(-shares.Sum(p => p * Math.Log(p))), rank, Rounding);
    }

    [Theory, InlineData(40, 7), InlineData(7, 40)]
    public void It_is_the_formula_over_the_singular_values(int count, int size)
    {
        using var scope = NewDisposeScope();
        var vectors = RandomRows.Normal(count, size, 3) * tensor(Enumerable.Range(1, size).Select(i => 1.0 / i).ToArray());
        double[] sigma = linalg.svdvals(vectors).data<double>().ToArray();
        double[] shares = [.. sigma.Select(s => s / sigma.Sum() + 1e-7)];

        Assert.Equal(Math.Exp(-shares.Sum(p => p * Math.Log(p))), RankMe.Of(vectors), 1e-9);
    }

    [Fact]
    public void Neither_scale_nor_rotation_matters()
    {
        using var scope = NewDisposeScope();
        var vectors = RandomRows.Normal(50, 6, 4) * tensor(new[] { 5.0, 2, 1, 1, 0.5, 0.1 });

        Assert.Equal(RankMe.Of(vectors), RankMe.Of(vectors.mm(RandomRows.Rotation(6, 5)) * 100), 1e-6);
    }
}
