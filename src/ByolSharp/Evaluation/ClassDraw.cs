namespace ByolSharp.Evaluation;

/// <summary>Draws samples class by class, so that a part has the classes of the whole.</summary>
internal static class ClassDraw
{
    private const int EnoughToChooseBy = 500; // the standard error of an accuracy is then 2 points at most

    /// <summary>
    /// Splits the labelled samples: <c>Drawn</c> holds of each class as many as <paramref name="countOf"/> says of its size, <c>Others</c>
    /// the others; both in ascending order. A class's order is fixed by (seed, class), so a larger draw holds every smaller one.
    /// </summary>
    public static (int[] Drawn, int[] Others) Take(IReadOnlyList<int> labels, Func<int, int> countOf, long seed) => Take(labels, countOf, seed, part: 0);

    private static (int[] Drawn, int[] Others) Take(IReadOnlyList<int> labels, Func<int, int> countOf, long seed, int part)
    {
        List<int> drawn = [], rest = [];
        var classes = Enumerable.Range(0, labels.Count).Where(i => labels[i] != FeatureSet.NoLabel).GroupBy(i => labels[i]);
        foreach (var members in classes)
        {
            int[] order = [.. members];
            var random = new SampleRandom(seed, index: members.Key);
            random.Shuffle(order.AsSpan());
            int count = Math.Min(countOf(order.Length), order.Length);
            int[] turned = [.. order.Skip(part * count % order.Length), .. order.Take(part * count % order.Length)];
            drawn.AddRange(turned[..count]);
            rest.AddRange(turned[count..]);
        }
        return ([.. drawn.Order()], [.. rest.Order()]);
    }

    /// <summary>
    /// Holds a part of the training samples back for choosing settings: a tenth of each class, at most 10,009 in all (the size that the
    /// paper, C.1, holds back of ImageNet), and never a class's only sample. <c>Drawn</c> is empty where every class has one sample.
    /// </summary>
    public static (int[] Drawn, int[] Others) HoldOut(IReadOnlyList<int> labels, long seed) => HoldOut(labels, seed, part: 0);

    /// <summary>
    /// <see cref="HoldOut(IReadOnlyList{int}, long)"/> several times, each time other samples, where one part is too small to choose by: until
    /// <see cref="EnoughToChooseBy"/> samples were held back, at most ten times, when all but what ten does not divide have been.
    /// </summary>
    public static IEnumerable<(int[] Drawn, int[] Others)> HoldOuts(IReadOnlyList<int> labels, long seed)
    {
        int heldBack = 0;
        for (int part = 0; part < 10 && heldBack < EnoughToChooseBy; part++)
        {
            var split = HoldOut(labels, seed, part);
            if (split.Drawn.Length == 0)
            {
                yield break;
            }
            heldBack += split.Drawn.Length;
            yield return split;
        }
    }

    private static (int[] Drawn, int[] Others) HoldOut(IReadOnlyList<int> labels, long seed, int part)
    {
        double share = Math.Min(0.1, 10_009.0 / Math.Max(1, labels.Count));
        return Take(labels, n => n < 2 ? 0 : Math.Max(1, (int)(share * n)), seed, part);
    }
}
