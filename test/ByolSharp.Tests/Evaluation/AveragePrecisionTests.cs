using ByolSharp.Evaluation;
using CsCheck;

namespace ByolSharp.Tests.Evaluation;

public sealed class AveragePrecisionTests
{
    private const sbyte Ignored = AveragePrecision.Ignored;

    [Fact]
    public void Equals_the_hand_computed_values()
    {
        // Right at ranks 1, 3 and 6 of three: recalls 1/3, 2/3, 1 at precisions 1, 2/3, 1/2. Recalls 0 to 0.3 get 1, 0.4 to 0.6 get 2/3, 0.7 to 1 get 1/2.
        Assert.Equal((4 * 1 + 3 * (2 / 3.0) + 4 * 0.5) / 11, Of([.9, .8, .7, .6, .5, .4], [1, 0, 1, 0, 0, 1])!.Value, 12);

        // Precision may rise again: right at ranks 2 and 3 of two: recalls 1/2 and 1 at 1/2 and 2/3, and the higher one counts for all.
        Assert.Equal(2 / 3.0, Of([.9, .8, .7], [0, 1, 1])!.Value, 12);

        // Order is that of the scores, not of the samples.
        Assert.Equal(1, Of([.1, .9, .8], [0, 1, 1])!.Value, 12);
        Assert.Equal((6 * 1 + 5 * 0.5) / 11, Of([.2, .9, .1, .05], [0, 1, 0, 1])!.Value, 12); // recall 0.5 at 1, recall 1 at 2/4
    }

    [Fact]
    public void A_recall_of_a_tenth_exactly_serves_its_point()
    {
        // Ten right ones at ranks 1 to 9 and 11: recall 0.9 at precision 1, recall 1 at 10/11.
        double[] scores = [.. Enumerable.Range(0, 11).Select(i => 1 - i / 20.0)];
        sbyte[] truth = [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1];

        Assert.Equal((10 + 10 / 11.0) / 11, Of(scores, truth)!.Value, 12);
    }

    [Fact]
    public void Ignored_samples_take_no_place()
    {
        Assert.Equal(1, Of([.9, .8, .7], [Ignored, 1, 0])!.Value, 12);
        Assert.Null(Of([.9, .8], [Ignored, 0]));
    }

    [Fact]
    public void Samples_counted_twice_are_as_samples_that_are_there_twice()
    {
        Gen.Select(Gen.Double[0, 1].Array[6], Gen.SByte[-1, 1].Array[6], Gen.Int[0, 3].Array[6]).Sample((scores, truth, times) =>
        {
            int[] repeated = [.. Enumerable.Range(0, 6).SelectMany(i => Enumerable.Repeat(i, times[i]))];
            var once = Of([.. repeated.Select(i => scores[i])], [.. repeated.Select(i => truth[i])]);
            var weighted = AveragePrecision.ElevenPoint(AveragePrecision.Ranking(scores, truth), truth, times);
            Assert.Equal(once is null, weighted is null);
            Assert.True(Math.Abs((once ?? 0) - (weighted ?? 0)) < 1e-9 || times.Any(t => t > 1), $"{once} {weighted}"); // among copies of one sample precision has steps that weights do not show
        }, iter: 300);
    }

    private static double? Of(double[] scores, sbyte[] truth) => AveragePrecision.ElevenPoint(scores, truth);
}
