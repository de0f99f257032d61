using ByolSharp.Evaluation;
using ByolSharp.Evaluation.FewLabels;

namespace ByolSharp.Tests.Evaluation.FewLabels;

public sealed class LabelSavingTests
{
    private static readonly double[] Labels = [10, 100, 1000];
    private static readonly ConfidenceInterval Interval = new(2, 5.25, 0.95);

    [Theory]
    [InlineData(0.3, 31.6227766)] // half-way between 10 and 100 on a logarithmic scale
    [InlineData(0.4, 100)]
    [InlineData(0.5, 316.227766)]
    [InlineData(0.1, 10)]
    [InlineData(0.2, 10)]
    [InlineData(0.61, double.PositiveInfinity)]
    public void The_curve_is_straight_over_the_logarithm_of_the_labels(double sought, double labels) =>
        Assert.Equal(labels, LabelSaving.Curve(Labels, [0.2, 0.4, 0.6], sought), 1e-6);

    [Fact]
    public void More_labels_never_count_for_less()
    {
        Assert.Equal(10 * Math.Pow(100, 1), LabelSaving.Curve(Labels, [0.4, 0.3, 0.6], 0.6), 1e-6);
        Assert.Equal(100 * Math.Sqrt(10), LabelSaving.Curve(Labels, [0.4, 0.3, 0.6], 0.5), 1e-6); // from 0.4, not from 0.3
    }

    [Theory]
    [InlineData(300, "With 1% of the labels (50) pre-training reaches 45.2%, for which training from scratch needs 6% (300): 6 times fewer labels (95% interval 2 to 5.3).")]
    [InlineData(50, "Pre-training saved nothing: with 1% of the labels (50) it reaches 45.2%, and training from scratch does as well.")]
    [InlineData(20, "Pre-training saved nothing: with 1% of the labels (50) it reaches 45.2%, and training from scratch does as well.")]
    [InlineData(double.PositiveInfinity, "With 1% of the labels (50) pre-training reaches 45.2%, which training from scratch does not reach with all 5,000: more than 100 times fewer labels.")]
    public void The_sentence_says_what_was_saved_or_that_nothing_was(double needed, string sentence) =>
        Assert.Equal(sentence, new LabelSaving(0.01, 50, 0.452, needed, 5000, Interval).ToString());

    [Fact]
    public void With_one_share_of_the_labels_no_number_is_made_up() => Assert.Equal(
        "With 100% of the labels (5,000) pre-training reaches 90%, which training from scratch does not reach with the same labels; how many it would need cannot be said.",
        new LabelSaving(1, 5000, 0.9, double.PositiveInfinity, 5000, Interval).ToString());
}
