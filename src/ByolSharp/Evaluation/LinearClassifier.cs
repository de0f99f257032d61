using TorchSharp;
using static TorchSharp.torch;

namespace ByolSharp.Evaluation;

/// <summary>A linear layer on representations: the score of class c is weights[c] . y + bias[c].</summary>
/// <param name="weights">Row-major, one row a class.</param>
/// <param name="bias">One value a class.</param>
/// <param name="classNames">Class names in the order of the rows.</param>
public sealed class LinearClassifier(float[] weights, float[] bias, IReadOnlyList<string> classNames)
{
    private const int Chunk = 4096;
    private static readonly Scalar One = 1; // TorchSharp frees a temporary scalar, also one that it makes itself, during the call

    /// <summary>Row-major, one row a class.</summary>
    public ReadOnlySpan<float> Weights => weights;

    /// <summary>One value a class.</summary>
    public ReadOnlySpan<float> Bias => bias;

    /// <summary>Class names in the order of the rows.</summary>
    public IReadOnlyList<string> ClassNames => classNames;

    /// <summary>The class of highest score for each sample.</summary>
    public int[] Predict(FeatureSet features) =>
        [.. ForChunks(features, (scores, _) => scores.argmax(1).data<long>().ToArray().Select(c => (int)c))];

    /// <summary>Place of each sample's true class among the scores, 0 for the best; the labels count in this classifier's classes.</summary>
    public int[] Ranks(FeatureSet features) =>
        [.. ForChunks(features, (scores, first) =>
            Metrics.RanksOf(scores, [.. features.Labels.Skip(first).Take((int)scores.shape[0])]))];

    private List<int> ForChunks(FeatureSet features, Func<Tensor, int, IEnumerable<int>> read)
    {
        var results = new List<int>(features.Count);
        using var noGrad = no_grad();
        for (int first = 0; first < features.Count; first += Chunk)
        {
            using var scope = NewDisposeScope();
            var rows = features.AsTensor().narrow(0, first, Math.Min(Chunk, features.Count - first));
            var scores = rows.mm(tensor(weights).view(bias.Length, features.Size).t()).add_(tensor(bias), One);
            results.AddRange(read(scores, first));
        }
        return results;
    }
}
