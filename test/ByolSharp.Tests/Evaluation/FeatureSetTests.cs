using ByolSharp.Evaluation;
using TorchSharp;

namespace ByolSharp.Tests.Evaluation;

public sealed class FeatureSetTests
{
    private static readonly FeatureSet Six = new(
        [3, 4, 0, 0, 1, 0, 0, -2, 5, 12, 8, 6], 2, [0, -1, 1, 1, 0, 0], ["a", "b", "c", "d", "e", "f"], ["cat", "dog"]);

    [Fact]
    public void Unit_length_keeps_direction_and_leaves_zero_alone()
    {
        var unit = Six.L2Normalized();

        Assert.Equal([0.6f, 0.8f], unit[0].ToArray());
        Assert.Equal([0f, 0f], unit[1].ToArray());
        Assert.Equal([0f, -1f], unit[3].ToArray());
        Assert.Equal(Six.Names, unit.Names);
    }

    [Fact]
    public void Samples_without_a_label_are_left_out()
    {
        var labelled = Six.Labelled();

        Assert.Equal(["a", "c", "d", "e", "f"], labelled.Names);
        Assert.Equal([0, 1, 1, 0, 0], labelled.Labels);
        Assert.Equal([1f, 0f], labelled[1].ToArray());
        Assert.Same(labelled, labelled.Labelled());
    }

    [Fact]
    public void A_subset_takes_as_many_of_each_class_and_nests()
    {
        var set = Blobs.Draw(300, 2, 3, 1, 0);
        var ten = set.SubsetPerClass(10, seed: 5);
        var three = set.SubsetPerClass(3, seed: 5);

        Assert.All(ten.Labels.CountBy(l => l), c => Assert.Equal(10, c.Value));
        Assert.Equal(3, ten.Labels.Distinct().Count());
        Assert.Subset(ten.Names.ToHashSet(), three.Names.ToHashSet());
        Assert.NotEqual(three.Names, set.SubsetPerClass(3, seed: 6).Names);
    }

    [Fact]
    public void A_share_takes_at_least_one_of_each_class()
    {
        var set = Blobs.Draw(300, 2, 3, 1, 0);

        Assert.Equal(30, set.SubsetByShare(0.1, 0).Count);
        Assert.Equal(3, set.SubsetByShare(0.001, 0).Count);
        Assert.Equal(set.Names, set.SubsetByShare(1, 0).Names);
    }

    [Fact]
    public void A_tensor_is_copied_and_given_back_equal()
    {
        using var tensor = torch.arange(6, dtype: torch.ScalarType.Float64).view(2, 3).t().contiguous();
        var set = FeatureSet.FromTensor(tensor);
        using var back = set.AsTensor();

        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], set.Values.ToArray());
        Assert.Equal([3L, 2L], back.shape);
        Assert.Equal(set.Values.ToArray(), back.data<float>().ToArray());
    }

    [Fact]
    public void A_representation_that_is_no_number_is_named()
    {
        var error = Assert.Throws<UnusableDataException>(() => new FeatureSet([1, 2, 3, float.NaN], 2, names: ["good.png", "bad.png"]));

        Assert.Contains("bad.png", error.Message);
    }
}
