namespace ByolSharp.Tuning;

/// <summary>How the settings of a search are drawn.</summary>
public enum SamplerKind
{
    /// <summary>Uniformly at random: each trial by its number alone.</summary>
    Random,

    /// <summary>Tree-structured Parzen estimators: where the better trials so far are dense and the others are not.</summary>
    Tpe,
}

/// <summary>A trial that has its first score.</summary>
/// <param name="Point">Where in the unit cube it lies.</param>
/// <param name="Score">Higher is better.</param>
public sealed record ScoredPoint(IReadOnlyList<double> Point, double Score);

/// <summary>Draws points of the unit cube; the same arguments give the same point.</summary>
public static class Sampler
{
    /// <summary>Random trials before estimators have something to go by.</summary>
    internal const int RandomTrials = 5;

    /// <summary>The point of a trial.</summary>
    /// <param name="kind">How it is drawn.</param>
    /// <param name="seed">Seed of the search.</param>
    /// <param name="trial">The trial's number.</param>
    /// <param name="dimensions">What the search varies; choices are told from ranges.</param>
    /// <param name="scored">The trials that have a score; random draws do not look at them.</param>
    public static double[] Draw(SamplerKind kind, long seed, int trial, IReadOnlyList<SearchDimension> dimensions, IReadOnlyList<ScoredPoint> scored) =>
        kind == SamplerKind.Tpe && scored.Count >= RandomTrials
            ? ParzenSampler.Draw(seed, trial, dimensions, scored)
            : [.. dimensions.Select((_, d) => new SampleRandom(seed, trial, d).NextDouble())];
}
