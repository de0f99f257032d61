namespace ByolSharp.Evaluation.FewLabels;

/// <summary>Mean accuracies by rung and share: those measured, or those of one resample.</summary>
internal abstract class LadderMeans
{
    /// <summary>Shares of the labels, ascending.</summary>
    public abstract IReadOnlyList<double> Shares { get; }

    /// <summary>Labels of a share.</summary>
    public abstract int LabelCount(double share);

    /// <summary>Top-1 accuracy averaged over seeds.</summary>
    public abstract double Mean(string rung, double share);

    /// <summary>The best of some rungs.</summary>
    public double Best(IEnumerable<string> rungs, double share) => rungs.Max(rung => Mean(rung, share));
}

/// <summary>All cells of a ladder.</summary>
internal sealed class LadderTable : LadderMeans
{
    private readonly Dictionary<(string Rung, double Share), LadderCell[]> _cells;

    public LadderTable(IEnumerable<LadderCell> cells)
    {
        All = [.. cells];
        _cells = All.GroupBy(c => (c.Rung, c.Share)).ToDictionary(g => g.Key, g => g.OrderBy(c => c.Seed).ToArray());
        Shares = [.. All.Select(c => c.Share).Distinct().Order()];
        TestCount = All[0].Hits.Length;
        if (All.Any(c => c.Hits.Length != TestCount))
        {
            throw new UnusableDataException("the rungs were not tested on the same samples: some test images can be read only now and then; see byol doctor");
        }
    }

    public IReadOnlyList<LadderCell> All { get; }

    /// <summary>Labelled test samples, the same for all cells.</summary>
    public int TestCount { get; }

    public override IReadOnlyList<double> Shares { get; }

    public IReadOnlyList<LadderCell> Cells(string rung, double share) => _cells[(rung, share)];

    public override int LabelCount(double share) => (int)Math.Round(All.Where(c => c.Share == share).Average(c => c.LabelCount));

    public override double Mean(string rung, double share) => Cells(rung, share).Average(c => c.Top1);
}
