namespace ByolSharp.Evaluation;

/// <summary>
/// Average precision as PASCAL VOC 2007 defines it (Everingham et al. 2010, section 4.2): the mean, over the eleven recalls 0, 0.1, ..., 1, of the
/// highest precision at that recall or a higher one. The paper's measure on VOC 2007 (table 3).
/// </summary>
public static class AveragePrecision
{
    /// <summary>Marks a sample that does not count for a class, such as one whose objects are hard to make out.</summary>
    public const sbyte Ignored = -1;

    /// <summary>Average precision of one class; null where no sample has it.</summary>
    /// <param name="scores">One a sample; higher is more likely. Of equal ones the earlier sample ranks first.</param>
    /// <param name="truth">1: the sample has the class; 0: it has not; <see cref="Ignored"/>: it does not count.</param>
    public static double? ElevenPoint(IReadOnlyList<double> scores, IReadOnlyList<sbyte> truth) =>
        ElevenPoint(Ranking(scores, truth), truth, null);

    /// <summary>Samples that count, best first.</summary>
    internal static int[] Ranking(IReadOnlyList<double> scores, IReadOnlyList<sbyte> truth)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Count, truth.Count);
        return [.. Enumerable.Range(0, truth.Count).Where(i => truth[i] != Ignored).OrderByDescending(i => scores[i])];
    }

    /// <summary>As the public one, each sample counted as often as <paramref name="times"/> says; null: once.</summary>
    internal static double? ElevenPoint(int[] ranking, IReadOnlyList<sbyte> truth, int[]? times)
    {
        long all = ranking.Sum(i => truth[i] == 1 ? times?[i] ?? 1L : 0);
        if (all == 0)
        {
            return null;
        }
        var best = new double[11];
        long right = 0, seen = 0;
        foreach (int i in ranking)
        {
            long count = times?[i] ?? 1;
            seen += count;
            right += truth[i] == 1 ? count : 0;
            if (truth[i] == 1 && count > 0)
            {
                int reached = (int)(10 * right / all); // this recall serves all points up to it
                best[reached] = Math.Max(best[reached], right / (double)seen);
            }
        }
        for (int point = 9; point >= 0; point--)
        {
            best[point] = Math.Max(best[point], best[point + 1]);
        }
        return best.Average();
    }
}
