using ByolSharp.Evaluation;

namespace ByolSharp.Reporting;

/// <summary>Which classes a classifier gives to samples of which classes.</summary>
/// <param name="ClassNames">Names in the order of rows and columns.</param>
/// <param name="Counts">[true class][named class].</param>
internal sealed record Confusion(IReadOnlyList<string> ClassNames, int[][] Counts)
{
    /// <summary>Labelled samples.</summary>
    internal int Samples => Counts.Sum(row => row.Sum());

    /// <summary>Share of them that got their class, in [0, 1].</summary>
    internal double Accuracy => Counts.Select((row, c) => row[c]).Sum() / (double)Samples;

    /// <summary>Classes that occur, with the share of their samples that got it, the best first.</summary>
    internal IReadOnlyList<(string Class, double Accuracy, int Count)> PerClass =>
        [.. Counts.Select((row, c) => (ClassNames[c], row.Sum() == 0 ? 0 : row[c] / (double)row.Sum(), row.Sum())).Where(c => c.Item3 > 0).OrderByDescending(c => c.Item2)];

    /// <summary>The most frequent mistakes.</summary>
    internal IEnumerable<(string True, string Named, int Count, int Of)> MixUps =>
        Counts.SelectMany((row, t) => row.Select((count, n) => (t, n, count, row.Sum()))).Where(e => e.t != e.n && e.count > 0)
            .OrderByDescending(e => e.count).ThenBy(e => e.t).ThenBy(e => e.n).Select(e => (ClassNames[e.t], ClassNames[e.n], e.count, e.Item4));

    /// <summary>Lets the neighbours vote for the labelled queries.</summary>
    internal static Confusion Of(FeatureSet reference, FeatureSet queries, int k, CancellationToken cancellation)
    {
        queries = queries.Labelled();
        int[] named = new KnnClassifier(reference, new() { K = k }).Predict(queries, cancellation: cancellation);
        int[][] counts = [.. reference.ClassNames.Select(_ => new int[reference.ClassNames.Count])];
        for (int i = 0; i < named.Length; i++)
        {
            counts[queries.Labels[i]][named[i]]++;
        }
        return new(reference.ClassNames, counts);
    }
}
