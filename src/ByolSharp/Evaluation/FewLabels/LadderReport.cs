namespace ByolSharp.Evaluation.FewLabels;

/// <summary>What a rung reaches with a share of the labels.</summary>
/// <param name="Rung">The rung's key.</param>
/// <param name="Share">Share of the labels.</param>
/// <param name="LabelCount">Labels used; the mean over seeds, rounded.</param>
/// <param name="Mean">Top-1 accuracy, averaged over seeds.</param>
/// <param name="Spread">Standard deviation over seeds (divided by n - 1); null for one seed.</param>
/// <param name="Interval">Interval of the mean; see <see cref="LadderResampling"/>.</param>
/// <param name="Top1">Accuracy with each seed, in order.</param>
public sealed record LadderScore(
    string Rung, double Share, int LabelCount, double Mean, double? Spread, ConfidenceInterval Interval, IReadOnlyList<double> Top1);

/// <summary>A finished ladder.</summary>
/// <param name="Scores">Rung by rung, shares ascending.</param>
/// <param name="Gains">The better of our rungs over the better one from scratch; empty where one of the two is absent.</param>
/// <param name="Savings">How many labels pre-training saved, shares ascending; empty likewise.</param>
/// <param name="TestCount">Labelled test samples.</param>
public sealed record LadderReport(
    IReadOnlyList<LadderScore> Scores, IReadOnlyList<LadderGain> Gains, IReadOnlyList<LabelSaving> Savings, int TestCount)
{
    /// <summary>The whole in one sentence, judged by the smallest share of the labels.</summary>
    public string Sentence => Savings.Count > 0
        ? Savings[0].ToString()
        : "Without both kinds of rung, from scratch and pre-trained, nothing can be said about labels saved.";

    internal static LadderReport Of(IReadOnlyList<LadderRung> rungs, IReadOnlyList<LadderCell> cells, LadderOptions options)
    {
        var table = new LadderTable(cells);
        var resampling = new LadderResampling(table, options);
        LadderScore[] scores = [.. rungs.SelectMany(rung => table.Shares.Select(share => Score(table, resampling, rung.Key, share)))];
        string[] scratch = KeysOf(rungs, RungRole.FromScratch), ours = KeysOf(rungs, RungRole.Pretrained);
        if (scratch.Length == 0 || ours.Length == 0)
        {
            return new(scores, [], [], table.TestCount);
        }
        var gains = table.Shares.Select(share => new LadderGain(
            share,
            table.Best(ours, share) - table.Best(scratch, share),
            resampling.IntervalOf(draw => draw.Best(ours, share) - draw.Best(scratch, share))));
        var savings = table.Shares.Select(share => LabelSaving.Of(table, resampling, scratch, ours, share));
        return new(scores, [.. gains], [.. savings], table.TestCount);
    }

    private static LadderScore Score(LadderTable table, LadderResampling resampling, string rung, double share)
    {
        var cells = table.Cells(rung, share);
        double[] top1 = [.. cells.Select(cell => cell.Top1)];
        double mean = top1.Average();
        double? spread = top1.Length > 1 ? Math.Sqrt(top1.Sum(a => (a - mean) * (a - mean)) / (top1.Length - 1)) : null;
        return new(rung, share, table.LabelCount(share), mean, spread, resampling.IntervalOf(draw => draw.Mean(rung, share)), top1);
    }

    private static string[] KeysOf(IReadOnlyList<LadderRung> rungs, RungRole role) =>
        [.. rungs.Where(rung => rung.Role == role).Select(rung => rung.Key)];
}

/// <summary>Accuracy that pre-training adds.</summary>
/// <param name="Share">Share of the labels.</param>
/// <param name="Top1">The better of our rungs less the better one from scratch.</param>
/// <param name="Interval">Its interval; both are resampled together, since they share labels and test samples.</param>
public sealed record LadderGain(double Share, double Top1, ConfidenceInterval Interval);
