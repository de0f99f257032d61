using System.Text.Json.Serialization;

namespace ByolSharp.Evaluation;

/// <summary>How well the classes of test samples were named: what every evaluation with labels reports, whatever named them.</summary>
public abstract record ClassificationResult
{
    /// <summary>Scores a classifier.</summary>
    /// <param name="ranks">Place of the true class for each labelled test sample, 0 for the best.</param>
    /// <param name="labels">Their true classes.</param>
    /// <param name="nTrain">Labelled training samples, held-out parts included.</param>
    private protected ClassificationResult(IReadOnlyList<int> ranks, IReadOnlyList<int> labels, int nTrain)
    {
        (Ranks, NTrain) = (ranks, nTrain);
        (Top1, Top5, MeanPerClass) = (Metrics.TopK(ranks, 1), Metrics.TopK(ranks, 5), Metrics.MeanPerClass(ranks, labels));
    }

    /// <summary>Share of the test samples with the true class first, in [0, 1].</summary>
    public double Top1 { get; }

    /// <summary>Share with the true class among the first five.</summary>
    public double Top5 { get; }

    /// <summary>Accuracy averaged over classes; see <see cref="Metrics.MeanPerClass"/>.</summary>
    public double MeanPerClass { get; }

    /// <summary>Labelled training samples, held-out parts included.</summary>
    public int NTrain { get; }

    /// <summary>Labelled test samples.</summary>
    public int NTest => Ranks.Count;

    /// <summary>Place of the true class for each labelled test sample, 0 for the best; for <see cref="Metrics.BootstrapTop1"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<int> Ranks { get; }
}
