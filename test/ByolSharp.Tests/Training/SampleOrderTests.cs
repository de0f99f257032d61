using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class SampleOrderTests
{
    [Fact]
    public void Every_epoch_holds_each_sample_once_in_an_order_of_its_own()
    {
        var order = new SampleOrder(100, seed: 3);
        int[][] epochs = [.. Enumerable.Range(0, 3).Select(epoch => Enumerable.Range(0, 100).Select(i => order.At(100L * epoch + i).Index).ToArray())];

        Assert.All(epochs, epoch => Assert.Equal(Enumerable.Range(0, 100), epoch.Order()));
        Assert.NotEqual(epochs[0], epochs[1]);
        Assert.Equal((2, epochs[2][5]), new SampleOrder(100, seed: 3).At(205));
    }

    [Fact]
    public void A_sample_costs_no_memory_and_an_epoch_that_of_its_order()
    {
        const int count = 1_000_000;
        var order = new SampleOrder(count, seed: 0);
        order.At(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < count; i += 100)
        {
            order.At(i);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, AllocatedBytes.Inexactness); // an object a draw would be 240,000
        order.At(count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, sizeof(int) * count, sizeof(int) * count + 50_000);
    }
}
