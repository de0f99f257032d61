using ByolSharp.Evaluation;
using CsCheck;

namespace ByolSharp.Tests.Evaluation;

public sealed class KnnClassifierTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Equals_brute_force()
    {
        Gen.Select(Gen.Int[2, 60], Gen.Int[1, 20], Gen.Int[1, 8], Gen.Int[2, 7], Gen.Int[1, 80], Gen.Double[0.02, 2], Gen.Long[0, 1 << 30], Gen.Bool)
            .Sample((nTrain, nTest, size, classes, k, t, seed, self) =>
            {
                var train = Blobs.Draw(nTrain, size, classes, 1.5, seed);
                var test = self ? train : Blobs.Draw(nTest, size, classes, 1.5, seed + 1);
                test = test.Select([.. Enumerable.Range(0, test.Count).Where(i => test.Labels[i] < train.ClassNames.Count)]);
                self &= test.Count == train.Count;
                var result = new KnnClassifier(train, new() { K = k, Temperature = t }).Evaluate(test, excludeSelf: self, cancellation: Token);

                Assert.Equal(BruteForce(train, test, k, t, self), result.Ranks);
                Assert.Equal(Math.Min(k, nTrain - (self ? 1 : 0)), result.K);
            }, iter: 150);
    }

    [Fact]
    public void The_predicted_class_is_the_true_one_where_its_rank_is_0()
    {
        FeatureSet train = Blobs.Draw(300, 8, 5, 1, 1), test = Blobs.Draw(80, 8, 5, 1, 2);
        var knn = new KnnClassifier(train, new() { K = 20 });
        int[] predicted = knn.Predict(test, cancellation: Token);

        Assert.Equal(knn.Evaluate(test, cancellation: Token).Ranks.Select(r => r == 0), predicted.Zip(test.Labels, (p, l) => p == l));
    }

    [Fact]
    public void Chunks_do_not_change_the_result()
    {
        FeatureSet train = Blobs.Draw(500, 8, 5, 1, 1), test = Blobs.Draw(77, 8, 5, 1, 2);
        var whole = new KnnClassifier(train).Evaluate(test, cancellation: Token);

        foreach (int chunk in new[] { 1, 13, 500, 1500, 3777 })
        {
            Assert.Equal(whole.Ranks, new KnnClassifier(train, new() { ChunkSize = chunk }).Evaluate(test, cancellation: Token).Ranks);
        }
    }

    [Fact]
    public void A_training_sample_does_not_vote_for_itself()
    {
        var set = new FeatureSet([1, 0, 1, 0.01f, 1, 0.02f], 2, [0, 1, 1]);
        var classifier = new KnnClassifier(set, new() { K = 1 });

        Assert.Equal(1, classifier.Evaluate(set, cancellation: Token).Top1);
        Assert.Equal(2 / 3.0, classifier.Evaluate(set, excludeSelf: true, cancellation: Token).Top1, 12);
    }

    [Fact]
    public void Of_equal_neighbours_the_first_votes()
    {
        var train = new FeatureSet([1, 0, 1, 0, 1, 0], 2, [1, 0, 0]);
        var test = new FeatureSet([2, 0], 2, [1], classNames: ["0", "1"]);

        Assert.Equal(1, new KnnClassifier(train, new() { K = 1 }).Evaluate(test, cancellation: Token).Top1);
        Assert.Equal(0, new KnnClassifier(train, new() { K = 2 }).Evaluate(test, cancellation: Token).Top1); // one vote each: the lower class wins
    }

    [Fact]
    public void A_low_temperature_does_not_overflow()
    {
        FeatureSet train = Blobs.Draw(100, 4, 4, 0.1, 1), test = Blobs.Draw(40, 4, 4, 0.1, 2);

        Assert.True(new KnnClassifier(train, new() { Temperature = 1e-4 }).Evaluate(test, cancellation: Token).Top1 > 0.9);
    }

    [Fact]
    public void Classes_are_matched_by_name_where_the_test_set_lacks_one()
    {
        var train = new FeatureSet([1, 0, 0, 1, -1, 0], 2, [0, 1, 2], classNames: ["ant", "bee", "cat"]);
        var test = new FeatureSet([0, 2, -2, 0], 2, [0, 1], classNames: ["bee", "cat"]);

        Assert.Equal(1, new KnnClassifier(train, new() { K = 1 }).Evaluate(test, cancellation: Token).Top1);
    }

    [Fact]
    public void What_cannot_be_evaluated_is_named()
    {
        var set = new FeatureSet([1, 0, 0, 1], 2, [0, 1], classNames: ["ant", "bee"]);
        var unlabelled = new FeatureSet([1, 0], 2);
        var longer = new FeatureSet([1, 0, 0], 3, [0]);
        var stranger = new FeatureSet([1, 0], 2, [0], classNames: ["dog"]);

        Assert.Contains("test set has no labelled", Assert.Throws<UnusableDataException>(() => new KnnClassifier(set).Evaluate(unlabelled, cancellation: Token)).Message);
        Assert.Contains("training set has no", Assert.Throws<UnusableDataException>(() => new KnnClassifier(unlabelled)).Message);
        Assert.Contains("length 2", Assert.Throws<UnusableDataException>(() => new KnnClassifier(set).Evaluate(longer, cancellation: Token)).Message);
        Assert.Contains("'dog'", Assert.Throws<UnusableDataException>(() => new KnnClassifier(set).Evaluate(stranger, cancellation: Token)).Message);
        Assert.Throws<ConfigurationException>(() => new KnnClassifier(set, new() { K = 0 }));
    }

    [Fact]
    public void Raw_pixels_of_CIFAR_10_reach_the_known_baseline()
    {
        string folder = TestData.Find("cifar10");
        FeatureSet train = Pixels(Directory.EnumerateFiles(Path.Combine(folder, "train"), "*.bin").Order().First(), 4000);
        FeatureSet test = Pixels(Directory.EnumerateFiles(Path.Combine(folder, "test"), "*.bin").Order().First(), 1000);

        Assert.InRange(new KnnClassifier(train).Evaluate(test, cancellation: Token).Top1, 0.30, 0.42); // measured elsewhere: .35-.40 on 4,000, give or take 1.5 points
    }

    private static FeatureSet Pixels(string file, int count)
    {
        double[] mean = [0.485, 0.456, 0.406], std = [0.229, 0.224, 0.225];
        byte[] bytes = File.ReadAllBytes(file);
        var views = Enumerable.Range(0, count).Select(i => bytes.Skip(i * 3073 + 1).Take(3072)
            .Select((b, j) => (float)((b / 255.0 - mean[j / 1024]) / std[j / 1024])).ToArray()).ToArray();
        return new([.. views.SelectMany(v => v)], 3072, [.. Enumerable.Range(0, count).Select(i => (int)bytes[i * 3073])]);
    }

    private static int[] BruteForce(FeatureSet train, FeatureSet test, int k, double t, bool excludeSelf)
    {
        FeatureSet a = train.L2Normalized(), b = test.L2Normalized();
        return [.. Enumerable.Range(0, test.Count).Select(i =>
        {
            var votes = new double[train.ClassNames.Count];
            var nearest = Enumerable.Range(0, train.Count).Where(j => !(excludeSelf && i == j))
                .Select(j => (Similarity: Dot(b[i], a[j]), Index: j)).OrderByDescending(n => n.Similarity).ThenBy(n => n.Index).Take(k).ToArray();
            foreach (var (similarity, index) in nearest)
            {
                votes[train.Labels[index]] += Math.Exp((similarity - nearest[0].Similarity) / t);
            }
            return votes.Select((v, c) => (v, c)).OrderByDescending(x => x.v).ThenBy(x => x.c).ToList().FindIndex(x => x.c == test.Labels[i]);
        })];
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum = MathF.FusedMultiplyAdd(a[i], b[i], sum);
        }
        return sum;
    }
}
