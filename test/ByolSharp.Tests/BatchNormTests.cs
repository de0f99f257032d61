using static TorchSharp.torch;

namespace ByolSharp.Tests;

public sealed class BatchNormTests
{
    [Theory]
    [InlineData(new long[] { 6, 3 }, true)]
    [InlineData(new long[] { 4, 3, 5, 5 }, true)]
    [InlineData(new long[] { 6, 3 }, false)]
    public void Equals_the_library_layer_in_training_and_evaluation(long[] shape, bool isAffine)
    {
        using var scope = NewDisposeScope();
        using var ours = new BatchNorm(3, isAffine);
        using nn.Module<Tensor, Tensor> theirs = shape.Length == 2 ? nn.BatchNorm1d(3, affine: isAffine) : nn.BatchNorm2d(3, affine: isAffine);
        for (int i = 0; i < 3; i++)
        {
            var input = randn(shape) * 2 + 1;
            Assert.True(ours.call(input).allclose(theirs.call(input), 1e-5, 1e-6));
        }

        Assert.Equal(theirs.state_dict().Keys.Order(), ours.state_dict().Keys.Order());
        Assert.All(theirs.state_dict(), e => Assert.True(ours.state_dict()[e.Key].allclose(e.Value, 1e-5, 1e-6), e.Key));
        ours.eval();
        theirs.eval();
        var last = randn(shape);
        Assert.True(ours.call(last).allclose(theirs.call(last), 1e-5, 1e-6));
        Assert.Equal(3, ours.state_dict()["num_batches_tracked"].item<long>());
    }

    [Fact]
    public void The_running_statistics_take_the_share_that_is_set()
    {
        using var scope = NewDisposeScope();
        using var norm = new BatchNorm(1) { Momentum = 0.25 };
        norm.call(tensor(new float[,] { { 2 }, { 6 } })); // mean 4, unbiased variance 8

        Assert.Equal(1, norm.state_dict()["running_mean"].item<float>(), 1e-6f);
        Assert.Equal(0.75f + 0.25f * 8, norm.state_dict()["running_var"].item<float>(), 1e-6f);
    }
}
