using System.Diagnostics;

namespace ByolSharp.Evaluation.FewLabels;

/// <summary>How far a ladder is.</summary>
/// <param name="Step">Steps done, those of cells found in the store included.</param>
/// <param name="Steps">Steps of all cells.</param>
public readonly record struct LadderProgress(int Step, int Steps)
{
    /// <summary>The cell, where one was just finished.</summary>
    public LadderCell? Finished { get; init; }
}

/// <summary>
/// Was pre-training worth it? Every rung at every share of the labels, several times with other labels and first weights (paper, 4.2). All
/// rungs of a repetition learn from the same labels, and all are tested on the same samples.
/// </summary>
/// <param name="rungs">The rungs, in the order of the table; not disposed.</param>
/// <param name="labels">The training samples' labels; <see cref="FeatureSet.NoLabel"/> where there is none.</param>
/// <param name="dataIdentity">What decides the data: cells of other data are not reused.</param>
/// <param name="options">Absent: the defaults.</param>
public sealed class Ladder(IReadOnlyList<LadderRung> rungs, IReadOnlyList<int> labels, string dataIdentity, LadderOptions? options = null)
{
    private readonly LadderOptions _options = options ?? new();

    /// <summary>Works out all cells that the store does not hold, keeping each as soon as it is finished.</summary>
    /// <param name="store">Where finished cells are.</param>
    /// <param name="progress">Told about every step.</param>
    /// <param name="cancellation">Stops between steps; finished cells stay in the store.</param>
    /// <exception cref="ConfigurationException">An option is out of range.</exception>
    /// <exception cref="UnusableDataException">The data do not work.</exception>
    public LadderReport Run(LadderStore store, IProgress<LadderProgress>? progress = null, CancellationToken cancellation = default)
    {
        _options.Validate();
        int done = 0, steps = rungs.Sum(rung => rung.Steps) * _options.Shares.Count * _options.Seeds;
        var cells = new List<LadderCell>();
        foreach (var rung in rungs)
        {
            for (long seed = 0; seed < _options.Seeds; seed++)
            {
                foreach (double share in _options.Shares.Order())
                {
                    int before = done;
                    var cell = CellOf(rung, share, seed, store, step => progress?.Report(new(before + step, steps)), cancellation);
                    cells.Add(cell);
                    progress?.Report(new(done += rung.Steps, steps) { Finished = cell });
                }
            }
            rung.Dispose();
        }
        return LadderReport.Of(rungs, cells, _options);
    }

    private LadderCell CellOf(
        LadderRung rung, double share, long seed, LadderStore store, Action<int> report, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string identity = $"{dataIdentity}\n{rung.IdentityOf(seed)}";
        if (store.Find(rung.Key, share, seed, identity) is { } known)
        {
            return known;
        }
        var clock = Stopwatch.StartNew();
        int[] samples = LabelSplit.ByShare(labels, share, seed);
        string hits = string.Concat(rung.Ranks(samples, seed, report, cancellation).Select(rank => rank == 0 ? '1' : '0'));
        var cell = new LadderCell(rung.Key, share, seed, samples.Length, Math.Round(clock.Elapsed.TotalSeconds, 1), hits);
        store.Keep(cell, identity);
        return cell;
    }
}
