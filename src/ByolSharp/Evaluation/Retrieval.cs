namespace ByolSharp.Evaluation;

/// <summary>How often what is looked for is among the first k that are found.</summary>
/// <param name="Recalls">For each k the share of test samples of which one of the k nearest training samples has their class (R@k), 0 to 1.</param>
public sealed record RetrievalResult(IReadOnlyDictionary<int, double> Recalls);

/// <summary>Retrieval by nearest neighbours of highest cosine similarity, the usual measure of video representations (R@k).</summary>
public static class Retrieval
{
    /// <summary>Values of k that are usual: 1, 5, 10 and 20.</summary>
    public static IReadOnlyList<int> UsualCounts { get; } = [1, 5, 10, 20];

    /// <summary>Looks up every test sample among the training samples.</summary>
    /// <param name="train">What is searched.</param>
    /// <param name="test">What is looked for.</param>
    /// <param name="counts">Values of k, each 1 or more; null: <see cref="UsualCounts"/>.</param>
    /// <exception cref="UnusableDataException">No training or no test sample has a label.</exception>
    public static RetrievalResult Evaluate(FeatureSet train, FeatureSet test, IReadOnlyList<int>? counts = null)
    {
        train = Guard.Labelled(train, "training");
        test = Guard.Aligned(train, Guard.Labelled(test, "test"));
        var (searched, looked) = (train.L2Normalized(), test.L2Normalized());
        int[] ranks = [.. Enumerable.Range(0, test.Count).AsParallel().AsOrdered().Select(i => RankOfFirst(searched, looked[i].ToArray(), test.Labels[i]))];
        return new((counts ?? UsualCounts).ToDictionary(k => k, k => (double)ranks.Count(rank => rank < k) / ranks.Length));
    }

    /// <summary>Training samples that are nearer than the nearest one of the class; ties count against it where their index is lower.</summary>
    private static int RankOfFirst(FeatureSet train, float[] query, int label)
    {
        var similarities = new float[train.Count];
        int nearest = -1;
        for (int i = 0; i < similarities.Length; i++)
        {
            similarities[i] = System.Numerics.Tensors.TensorPrimitives.Dot(train[i], query);
            nearest = train.Labels[i] == label && (nearest < 0 || similarities[i] > similarities[nearest]) ? i : nearest;
        }
        return nearest < 0
            ? int.MaxValue
            : Enumerable.Range(0, similarities.Length).Count(i => similarities[i] > similarities[nearest] || (similarities[i] == similarities[nearest] && i < nearest));
    }
}
