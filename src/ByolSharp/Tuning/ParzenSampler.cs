namespace ByolSharp.Tuning;

/// <summary>
/// Tree-structured Parzen estimators (Bergstra et al. 2011): a density of the best quarter of the trials and one of the others, in each dimension;
/// of a few points drawn from the first, the one whose ratio of the two is largest.
/// </summary>
internal static class ParzenSampler
{
    private const double GoodShare = 0.25;
    private const int Candidates = 24;
    private const double NarrowestKernel = 0.03;
    private const int CandidateStream = 1; // beside the random draws', which are of view 0

    internal static double[] Draw(long seed, int trial, IReadOnlyList<SearchDimension> dimensions, IReadOnlyList<ScoredPoint> scored)
    {
        var sorted = scored.OrderByDescending(s => s.Score).ToList();
        int good = Math.Max(2, (int)Math.Ceiling(GoodShare * sorted.Count));
        return [.. dimensions.Select((dimension, d) =>
        {
            var random = new SampleRandom(seed, trial, d, CandidateStream);
            var better = Density.Of(dimension, [.. sorted.Take(good).Select(s => s.Point[d])]);
            var rest = Density.Of(dimension, [.. sorted.Skip(good).Select(s => s.Point[d])]);
            double[] candidates = new double[Candidates];
            for (int i = 0; i < Candidates; i++)
            {
                candidates[i] = better.Draw(ref random);
            }
            return candidates.MaxBy(c => better.At(c) / rest.At(c));
        })];
    }

    /// <summary>A mixture of the uniform density and one kernel a point, all of the same weight.</summary>
    private sealed record Density(double[] Points, double Width, int Choices)
    {
        internal static Density Of(SearchDimension dimension, double[] points) =>
            new(points, Math.Max(NarrowestKernel, Math.Pow(points.Length + 1, -0.5) / 2), dimension.Choices.Count);

        internal double Draw(ref SampleRandom random)
        {
            int kernel = random.NextInt(Points.Length + 1);
            if (kernel == Points.Length)
            {
                return random.NextDouble();
            }
            if (Choices > 0)
            {
                return (Choice(Points[kernel]) + random.NextDouble()) / Choices;
            }
            double drawn = Points[kernel] + Width * random.NextNormal();
            return Math.Clamp(drawn < 0 ? -drawn : drawn > 1 ? 2 - drawn : drawn, 0, 1); // reflected: the ends hold nothing back
        }

        internal double At(double unit) => (1 + Points.Sum(p => Choices > 0 ? SameChoice(p, unit) : Kernel(p, unit))) / (Points.Length + 1);

        private int Choice(double unit) => Math.Min(Choices - 1, (int)(unit * Choices));

        private double SameChoice(double point, double unit) => Choice(point) == Choice(unit) ? Choices : 0;

        /// <summary>A normal density with its tails reflected into the unit interval.</summary>
        private double Kernel(double point, double unit) => Normal(unit - point) + Normal(unit + point) + Normal(2 - unit - point);

        private double Normal(double distance) => Math.Exp(-0.5 * distance * distance / (Width * Width)) / (Width * Math.Sqrt(2 * Math.PI));
    }
}
