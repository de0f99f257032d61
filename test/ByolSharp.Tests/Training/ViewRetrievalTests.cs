using ByolSharp.Training;
using static TorchSharp.torch;

namespace ByolSharp.Tests.Training;

public sealed class ViewRetrievalTests
{
    [Fact]
    public void Four_samples_give_the_share_counted_by_hand()
    {
        using var scope = NewDisposeScope();
        var v1 = tensor(new[,] { { 1.0, 0 }, { 0, 1 }, { -1, 0 }, { 0, -1 } });
        // Of the second views the third and the fourth have changed places.
        var v2 = tensor(new[,] { { 2.0, 0.1 }, { 0.1, 3 }, { 0, -1 }, { -1, 0 } });

        Assert.Equal(0.5, ViewRetrieval.Top1(v1, v2));
    }

    [Fact]
    public void Vectors_that_are_all_one_give_chance()
    {
        using var scope = NewDisposeScope();
        var one = RandomRows.Normal(1, 16, 1).expand(64, 16);

        Assert.Equal(1 / 64.0, ViewRetrieval.Top1(one, one * 3), 9);
    }

    [Fact]
    public void Unrelated_views_give_about_chance_and_equal_ones_all()
    {
        using var scope = NewDisposeScope();
        var v1 = RandomRows.Normal(400, 16, 1);

        Assert.InRange(ViewRetrieval.Top1(v1, RandomRows.Normal(400, 16, 2)), 0, 0.015);
        Assert.Equal(1, ViewRetrieval.Top1(v1, v1));
    }

    [Fact]
    public void It_equals_a_search_through_all_pairs()
    {
        using var scope = NewDisposeScope();
        Tensor v1 = RandomRows.Normal(50, 6, 1), v2 = v1 + RandomRows.Normal(50, 6, 2);
        int found = Enumerable.Range(0, 50).Count(i => Enumerable.Range(0, 50).MaxBy(j => Cosine(v1[i], v2[j])) == i);

        Assert.InRange(found, 5, 45);
        Assert.Equal(found / 50.0, ViewRetrieval.Top1(v1, v2), 9);
    }

    [Fact]
    public void Neither_the_lengths_of_vectors_nor_a_rotation_matters()
    {
        using var scope = NewDisposeScope();
        Tensor v1 = RandomRows.Normal(80, 6, 1), v2 = v1 + RandomRows.Normal(80, 6, 2), rotation = RandomRows.Rotation(6, 3);
        var lengths = RandomRows.Normal(80, 1, 4).abs() + 0.1;

        Assert.Equal(ViewRetrieval.Top1(v1, v2), ViewRetrieval.Top1(v1.mm(rotation) * lengths, v2.mm(rotation) * 5), 9);
    }

    [Fact]
    public void Shapes_must_fit()
    {
        using var scope = NewDisposeScope();

        Assert.Throws<ArgumentException>(() => ViewRetrieval.Top1(ones(4, 3), ones(4, 2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ViewRetrieval.Top1(ones(1, 3), ones(1, 3)));
    }

    private static double Cosine(Tensor a, Tensor b) => (a.dot(b) / a.norm() / b.norm()).item<double>();
}
