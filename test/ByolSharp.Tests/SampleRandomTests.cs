namespace ByolSharp.Tests;

public sealed class SampleRandomTests
{
    [Fact]
    public void Same_keys_give_the_same_stream_and_any_other_key_another()
    {
        var streams = new[] { (0L, 0L, 0L, 0L), (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1) }
            .Select(k => new SampleRandom(k.Item1, k.Item2, k.Item3, k.Item4).NextBits()).ToArray();

        Assert.Equal(streams.Length, streams.Distinct().Count());
        Assert.Equal(streams[0], new SampleRandom(0, 0, 0, 0).NextBits());
    }

    [Fact]
    public void Uniform_and_normal_draws_have_their_moments()
    {
        var random = new SampleRandom(7);
        const int n = 100_000;
        double[] uniform = [.. Enumerable.Range(0, n).Select(_ => random.NextDouble())];
        double[] normal = [.. Enumerable.Range(0, n).Select(_ => random.NextNormal())];

        Assert.InRange(uniform.Average(), 0.5 - 3 * 0.2887 / Math.Sqrt(n), 0.5 + 3 * 0.2887 / Math.Sqrt(n));
        Assert.InRange(normal.Average(), -3 / Math.Sqrt(n), 3 / Math.Sqrt(n));
        Assert.InRange(normal.Select(x => x * x).Average(), 1 - 3 * Math.Sqrt(2.0 / n), 1 + 3 * Math.Sqrt(2.0 / n));
    }

    [Fact]
    public void Integers_cover_their_range_evenly()
    {
        var random = new SampleRandom(3);
        var counts = new int[7];
        for (int i = 0; i < 70_000; i++)
        {
            counts[random.NextInt(7)]++;
        }

        Assert.All(counts, c => Assert.InRange(c, 10_000 - 3 * 93, 10_000 + 3 * 93));
    }
}
