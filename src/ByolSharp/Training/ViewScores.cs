using System.Text.Json.Nodes;
using static TorchSharp.torch;

namespace ByolSharp.Training;

/// <summary>Scores without labels of what a network makes of several views of the same samples.</summary>
/// <param name="RankMe">Directions that all views fill, <see cref="Training.RankMe"/>.</param>
/// <param name="Lidar">Directions that tell samples apart in spite of augmentation, <see cref="Training.Lidar"/>.</param>
/// <param name="Retrieval">Share of views that find the other view of their sample, 0 to 1, <see cref="ViewRetrieval"/>.</param>
/// <param name="Alignment">As <see cref="RepresentationHealth.Alignment"/>: lower is better, though best where all is one.</param>
/// <param name="Uniformity">As <see cref="RepresentationHealth.Uniformity"/>: lower is better.</param>
/// <param name="Spread">As <see cref="RepresentationHealth.RelativeStd"/>: 1 where the vectors point everywhere, 0 where all are one.</param>
public sealed record ViewScores(double RankMe, double Lidar, double Retrieval, double Alignment, double Uniformity, double Spread)
{
    private static readonly ViewScores None = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Measures vectors; 0.1 s for 256 samples of 4 views and length 128.</summary>
    /// <param name="views">
    /// The vectors of each view, [samples, size] with the same samples in the same order; an even number of views, of which each two are a first and
    /// a second view.
    /// </param>
    /// <returns>Every score is NaN where a vector is not finite.</returns>
    public static ViewScores Measure(IReadOnlyList<Tensor> views)
    {
        using var scope = NewDisposeScope();
        var pairs = views.Chunk(2).ToArray();
        var health = pairs.Select(pair => RepresentationHealth.Measure(pair[0], pair[1])).ToArray();
        if (health.Any(h => !double.IsFinite(h.Alignment)))
        {
            return None;
        }
        return new(
            Training.RankMe.Of(cat([.. views])),
            Training.Lidar.Of(stack([.. views], 1)),
            pairs.Average(pair => ViewRetrieval.Top1(pair[0], pair[1])),
            health.Average(h => h.Alignment),
            health.Average(h => h.Uniformity),
            health.Average(h => h.RelativeStd));
    }

    /// <summary>Adds the scores to a line of metrics.jsonl; what is no number becomes null.</summary>
    /// <param name="line">The line.</param>
    /// <param name="prefix">Comes before each key.</param>
    internal void AddTo(JsonObject line, string prefix)
    {
        foreach (var (key, value) in new[]
        {
            ("rankme", RankMe), ("lidar", Lidar), ("view_retrieval", Retrieval),
            ("view_alignment", Alignment), ("view_uniformity", Uniformity), ("view_spread", Spread),
        })
        {
            line[prefix + key] = double.IsFinite(value) ? value : null;
        }
    }
}
