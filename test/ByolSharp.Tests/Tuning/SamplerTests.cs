using ByolSharp.Tuning;

namespace ByolSharp.Tests.Tuning;

public sealed class SamplerTests
{
    private static readonly SearchDimension[] Dimensions = [SearchDimension.Parse("a=0..1"), SearchDimension.Parse("b=p,q,r")];

    [Theory]
    [InlineData(SamplerKind.Random)]
    [InlineData(SamplerKind.Tpe)]
    public void The_same_seed_and_trial_give_the_same_point(SamplerKind kind)
    {
        var scored = Enumerable.Range(0, 12).Select(i => new ScoredPoint(Sampler.Draw(SamplerKind.Random, 1, i, Dimensions, []), i)).ToList();

        Assert.Equal(Sampler.Draw(kind, 3, 20, Dimensions, scored), Sampler.Draw(kind, 3, 20, Dimensions, scored));
        Assert.NotEqual(Sampler.Draw(kind, 3, 20, Dimensions, scored), Sampler.Draw(kind, 3, 21, Dimensions, scored));
        Assert.NotEqual(Sampler.Draw(kind, 3, 20, Dimensions, scored), Sampler.Draw(kind, 4, 20, Dimensions, scored));
        Assert.All(Enumerable.Range(0, 200).SelectMany(i => Sampler.Draw(kind, 0, i, Dimensions, scored)), unit => Assert.InRange(unit, 0, 1));
    }

    [Fact]
    public void Random_draws_do_not_look_at_scores() =>
        Assert.Equal(Sampler.Draw(SamplerKind.Random, 0, 9, Dimensions, []), Sampler.Draw(SamplerKind.Random, 0, 9, Dimensions, [new([0.5, 0.5], 1)]));

    [Fact]
    public void Estimators_draw_where_scores_are_good()
    {
        // Best at a = 0.2 with the second choice.
        var scored = Enumerable.Range(0, 40).Select(i => Sampler.Draw(SamplerKind.Random, 7, i, Dimensions, []))
            .Select(p => new ScoredPoint(p, -Math.Abs(p[0] - 0.2) - (Dimensions[1].At(p[1]) == "q" ? 0 : 1))).ToList();
        var drawn = Enumerable.Range(100, 200).Select(i => Sampler.Draw(SamplerKind.Tpe, 7, i, Dimensions, scored)).ToList();

        Assert.InRange(drawn.Count(p => Math.Abs(p[0] - 0.2) < 0.2), 140, 200); // 80 at random
        Assert.InRange(drawn.Count(p => Dimensions[1].At(p[1]) == "q"), 140, 200); // 67 at random
    }
}
