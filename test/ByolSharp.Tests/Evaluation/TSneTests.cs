using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class TSneTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Clouds_of_many_dimensions_stay_apart_on_the_map()
    {
        var features = Blobs.Draw(count: 200, size: 30, classes: 4, spread: 0.5, seed: 1);
        double[][] map = TSne.Map(features, cancellation: Token);

        for (int i = 0; i < map.Length; i++)
        {
            int nearest = Enumerable.Range(0, map.Length).Where(j => j != i).MinBy(j => Math.Pow(map[i][0] - map[j][0], 2) + Math.Pow(map[i][1] - map[j][1], 2));
            Assert.Equal(features.Labels[i], features.Labels[nearest]);
        }
    }

    [Fact]
    public void The_map_has_no_chance_in_it()
    {
        var features = Blobs.Draw(count: 90, size: 5, classes: 3, spread: 1, seed: 2);

        Assert.Equal(TSne.Map(features, new() { Steps = 60 }, Token), TSne.Map(features, new() { Steps = 60 }, Token));
    }

    [Theory, InlineData(4), InlineData(9)]
    public void Few_or_equal_samples_have_a_map(int count)
    {
        var same = new FeatureSet([.. Enumerable.Repeat(1f, 3 * count)], size: 3);

        Assert.All(TSne.Map(same, cancellation: Token), place => Assert.All(place, x => Assert.True(double.IsFinite(x))));
    }

    [Fact]
    public void Neighbour_probabilities_are_symmetric_sum_to_one_and_have_the_perplexity()
    {
        const int count = 60;
        var random = new SampleRandom(3);
        double[][] points = [.. Enumerable.Range(0, count).Select(_ => new[] { random.NextNormal(), random.NextNormal() })];
        float[] joint = new NeighbourProbabilities(points, perplexity: 10).Joint();

        Assert.Equal(1, joint.Sum(), 1e-4);
        Assert.All(Enumerable.Range(0, count), i => Assert.Equal(0, joint[i * count + i]));
        Assert.All(Enumerable.Range(0, count * count), i => Assert.Equal(joint[i], joint[i % count * count + i / count]));
        double entropy = -joint.Where(p => p > 0).Sum(p => p * Math.Log(p));
        Assert.InRange(Math.Exp(entropy - Math.Log(count)), 8, 16); // that of the average row; symmetrising spreads it a little
    }
}
