using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class MultiLabelRegressionTests
{
    private static readonly LogisticRegressionOptions Options = new() { LambdaCount = 8 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Classes_that_lines_separate_are_found_each_by_itself()
    {
        var result = MultiLabelRegression.Evaluate(Draw(600, 1), Draw(400, 2), Options, Token);

        Assert.True(result.Map > 0.95, $"{result.Map}");
        Assert.Equal(3, result.PerClass.Count);
        Assert.Equal(result.PerClass.Average()!.Value, result.Map, 12);
        Assert.InRange(result.Map, result.Interval.Low, result.Interval.High);
        Assert.Equal((600, 400, 8), (result.NTrain, result.NTest, result.Sweep.Count));
    }

    [Fact]
    public void A_spoiled_test_set_changes_nothing_that_is_chosen_and_shuffled_labels_give_chance()
    {
        MultiLabelSet train = Draw(600, 1), test = Draw(400, 2);
        var shuffled = test with { Truth = [.. test.Truth.Reverse()] };
        MultiLabelResult honest = MultiLabelRegression.Evaluate(train, test, Options, Token), misled = MultiLabelRegression.Evaluate(train, shuffled, Options, Token);

        Assert.Equal(honest.Lambda, misled.Lambda);
        Assert.Equal(honest.Sweep, misled.Sweep);
        Assert.InRange(misled.Map, 0.35, 0.65); // half of the samples have each class
        Assert.True(honest.Map > misled.Map + 0.3);
    }

    [Fact]
    public void Ignored_samples_do_not_teach()
    {
        MultiLabelSet train = Draw(600, 1), test = Draw(400, 2);
        // Wrong answers, which would spoil the first class, marked as ignored.
        var (wrong, ignored) = (Change(train, t => (sbyte)(1 - t)), Change(train, _ => AveragePrecision.Ignored));

        Assert.True(MultiLabelRegression.Evaluate(wrong, test, Options, Token).PerClass[0] < MultiLabelRegression.Evaluate(ignored, test, Options, Token).PerClass[0] - 0.1);

        static MultiLabelSet Change(MultiLabelSet set, Func<sbyte, sbyte> first) =>
            set with { Truth = [.. set.Truth.Select((row, i) => (IReadOnlyList<sbyte>)(i % 10 < 7 ? [first(row[0]), .. row.Skip(1)] : row))] };
    }

    /// <summary>Class c where the sum of coordinates c and c + 1 is positive.</summary>
    private static MultiLabelSet Draw(int count, long seed)
    {
        var random = new SampleRandom(seed);
        var values = new float[count * 5];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextNormal();
        }
        var features = new FeatureSet(values, 5);
        return new(
            features,
            [.. Enumerable.Range(0, count).Select(i => (IReadOnlyList<sbyte>)[.. Enumerable.Range(0, 3).Select(c => (sbyte)(features[i][c] + features[i][c + 1] > 0 ? 1 : 0))])],
            ["ant", "bee", "cat"]);
    }
}
