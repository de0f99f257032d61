using ByolSharp.Training;

namespace ByolSharp.Tests.Training;

public sealed class DataLoaderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    public void Batches_do_not_depend_on_threads_or_prefetch(int workers, int prefetch)
    {
        float[][] expected = Read(new CountingSource(23), batches: 9, workers: 1, prefetch: 1);

        Assert.Equal(expected, Read(new CountingSource(23), batches: 9, workers, prefetch));
    }

    [Fact]
    public void Starting_at_a_step_gives_the_batches_from_there_on() =>
        Assert.Equal(Read(new CountingSource(23), batches: 9)[5..], Read(new CountingSource(23), batches: 4, start: 5));

    [Fact]
    public void Every_epoch_holds_each_sample_once_in_another_order()
    {
        float[] stream = [.. Read(new CountingSource(20), batches: 10, batchSize: 4).SelectMany(b => b)];
        float[] first = stream[..20], second = stream[20..];

        Assert.Equal(Enumerable.Range(0, 20), first.Select(x => (int)x % 1000).Order());
        Assert.Equal(Enumerable.Range(0, 20), second.Select(x => (int)x % 1000).Order());
        Assert.NotEqual(first.Select(x => (int)x % 1000), second.Select(x => (int)x % 1000));
        Assert.All(second, x => Assert.Equal(1, (int)x / 1000));
    }

    [Fact]
    public void A_source_of_one_view_gets_no_second_and_the_same_samples()
    {
        using var loader = new DataLoader(new CountingSource(23) { ViewCount = 1 }, 4, seed: 3);
        var batch = loader.Next();

        Assert.Single(batch.Views);
        Assert.Equal(Read(new CountingSource(23), batches: 1, batchSize: 4)[0], batch.V1.data<float>().ToArray());
    }

    [Fact]
    public void A_batch_larger_than_the_data_is_refused_with_the_largest_that_works()
    {
        var error = Assert.Throws<ConfigurationException>(() => new DataLoader(new CountingSource(7), 8, seed: 0));

        Assert.Contains("--batch-size to 7", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_on_a_data_thread_reaches_the_trainer_as_it_was()
    {
        using var loader = new DataLoader(new CountingSource(8) { FailAt = 3 }, 8, seed: 0, workers: 2);

        Assert.Throws<UnusableDataException>(loader.Next);
    }

    [Fact]
    public void Reads_no_further_ahead_than_asked()
    {
        var source = new CountingSource(100);
        using var loader = new DataLoader(source, 10, seed: 0, workers: 2, prefetch: 2);
        loader.Next();
        Thread.Sleep(100);

        Assert.InRange(source.Drawn, 10, 30);
    }

    [Fact]
    public void Disposing_ends_the_threads_at_once()
    {
        var source = new CountingSource(100);
        new DataLoader(source, 10, seed: 0, workers: 3).Dispose();
        int drawn = source.Drawn;
        Thread.Sleep(50);

        Assert.Equal(drawn, source.Drawn);
    }

    private static float[][] Read(CountingSource source, int batches, int workers = 2, int prefetch = 2, int batchSize = 5, long start = 0)
    {
        using var loader = new DataLoader(source, batchSize, seed: 3, start, workers, prefetch);
        return [.. Enumerable.Range(0, batches).Select(_ => loader.Next().V1.data<float>().ToArray())];
    }

    /// <summary>Views of a single number: epoch * 1000 + index.</summary>
    private sealed class CountingSource(int count) : IViewSource
    {
        private int _drawn;

        public int? FailAt { get; init; }

        public int ViewCount { get; init; } = 2;

        public int Drawn => _drawn;

        public int Count => count;

        public IReadOnlyList<long> ViewShape => [1];

        public int LabelOf(int index) => -1;

        public void Draw(long epoch, int index, ViewSpans views)
        {
            Interlocked.Increment(ref _drawn);
            if (index == FailAt)
            {
                throw new UnusableDataException("planted");
            }
            for (int view = 0; view < views.Count; view++)
            {
                views[view][0] = epoch * 1000 + index;
            }
        }
    }
}
