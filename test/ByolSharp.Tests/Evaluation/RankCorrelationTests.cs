using ByolSharp.Evaluation;

namespace ByolSharp.Tests.Evaluation;

public sealed class RankCorrelationTests
{
    [Fact]
    public void Any_rising_function_keeps_the_ranks()
    {
        double[] x = [3, 1, 4, 15, 9, 2.6];

        Assert.Equal(1, RankCorrelation.Spearman(x, [.. x.Select(Math.Exp)]), 1e-12);
        Assert.Equal(-1, RankCorrelation.Spearman(x, [.. x.Select(v => -v * v * v)]), 1e-12);
    }

    /// <summary>Without ties 1 - 6 sum d^2 / (n (n^2 - 1)): differences of ranks 1, 1, 0, 1, 1 of five give 0.8.</summary>
    [Fact]
    public void It_is_the_textbook_s_number() => Assert.Equal(0.8, RankCorrelation.Spearman([1, 2, 3, 4, 5], [2, 1, 3, 5, 4]), 1e-12);

    /// <summary>Ranks 1.5, 1.5, 3 against 1, 2, 3: 1.5 / sqrt(1.5 * 2).</summary>
    [Fact]
    public void Equal_values_share_their_ranks() => Assert.Equal(Math.Sqrt(0.75), RankCorrelation.Spearman([7, 7, 9], [1, 2, 3]), 1e-12);

    [Fact]
    public void What_is_constant_agrees_with_nothing() => Assert.Equal(0, RankCorrelation.Spearman([1, 1, 1], [1, 2, 3]));
}
