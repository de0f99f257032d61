namespace ByolSharp.Evaluation.FewLabels;

/// <summary>
/// Percentile bootstrap over two things at once: each resample draws the seeds and the test samples anew, with replacement, the same ones for
/// all rungs and shares. An interval so holds chance in the choice of labels, first weights and order as well as in the choice of test samples.
/// </summary>
/// <remarks>
/// Of n seeds the part of the seeds comes out too narrow by a factor of sqrt((n - 1) / n), a fifth for three; with one seed it is missing.
/// </remarks>
internal sealed class LadderResampling
{
    private readonly Draw[] _draws;
    private readonly double _confidence;

    public LadderResampling(LadderTable table, LadderOptions options)
    {
        _confidence = options.Confidence;
        var hits = table.All.ToDictionary(c => c, c => Array.ConvertAll(c.Hits.ToCharArray(), hit => hit == '1' ? 1 : 0));
        _draws = new Draw[options.Resamples];
        Parallel.For(0, _draws.Length, i => _draws[i] = new(table, hits, new SampleRandom(0, index: i)));
    }

    /// <summary>Interval of what can be computed from mean accuracies.</summary>
    public ConfidenceInterval IntervalOf(Func<LadderMeans, double> statistic)
    {
        double[] values = [.. _draws.Select(statistic)];
        return Metrics.PercentileInterval(values, _confidence);
    }

    private sealed class Draw : LadderMeans
    {
        private readonly LadderTable _table;
        private readonly Dictionary<(string, double), double> _means = [];

        public Draw(LadderTable table, Dictionary<LadderCell, int[]> hits, SampleRandom random)
        {
            _table = table;
            int count = table.TestCount, seeds = (int)table.All.Max(c => c.Seed) + 1;
            int[] sampleTimes = Metrics.DrawTimes(count, ref random), seedTimes = Metrics.DrawTimes(seeds, ref random);
            foreach (var group in table.All.GroupBy(c => (c.Rung, c.Share)))
            {
                double right = group.Where(c => seedTimes[c.Seed] > 0).Sum(c => seedTimes[c.Seed] * (double)Dot(hits[c], sampleTimes));
                _means[group.Key] = right / count / seeds;
            }
        }

        public override IReadOnlyList<double> Shares => _table.Shares;

        public override int LabelCount(double share) => _table.LabelCount(share);

        public override double Mean(string rung, double share) => _means[(rung, share)];

        private static long Dot(int[] a, int[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<int>(a, b);
    }
}
