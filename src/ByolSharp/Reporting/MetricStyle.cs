using System.Globalization;

namespace ByolSharp.Reporting;

/// <summary>How a figure of metrics.jsonl is called and written.</summary>
/// <param name="Title">For people.</param>
/// <param name="Group">Heading that it stands under.</param>
/// <param name="About">One sentence: range, and which way is good.</param>
/// <param name="IsShare">A share in [0, 1], written in per cent.</param>
internal sealed record MetricStyle(string Title, string Group, string About, bool IsShare = false)
{
    private const string Learning = "Learning", Health = "Health of the representations", Schedule = "Schedule", Speed = "Speed", Other = "Other figures";

    /// <summary>Groups in the order in which they are shown.</summary>
    internal static readonly IReadOnlyList<string> Groups = [Learning, Health, Schedule, Speed, Other];

    private static readonly OrderedDictionary<string, MetricStyle> _known = new()
    {
        ["loss"] = new("Loss", Learning, "0 to 8; 4 is that of unrelated projections. A lower loss alone does not mean better representations."),
        ["knn_top1"] = new("Online kNN top-1", Learning, "Neighbours of evaluation images vote for their class; nothing is trained. Higher is better.", true),
        ["classifier_top1"] = new("Online classifier top-1", Learning, "A linear layer beside the encoder, on augmented training views.", true),
        ["classifier_loss"] = new("Online classifier loss", Learning, "Cross entropy of that linear layer."),
        ["projection_std"] = new("Projection spread", Health, "Standard deviation of normalised projections; near 0 all samples look alike."),
        ["rank"] = new("Effective rank", Health, "Directions that the projections of a batch fill; compare within one run only."),
        ["rankme"] = new("RankMe", Health, "Effective rank of the representations (Garrido et al. 2023)."),
        ["lidar"] = new("LiDAR", Health, "Rank of what tells samples apart across their views (Thilak et al. 2023)."),
        ["view_retrieval"] = new("View retrieval", Health, "How often the nearest view is the other view of the same sample.", true),
        ["alignment"] = new("Alignment", Health, "Squared distance between both views' projections, 0 to 4; lower is closer."),
        ["uniformity"] = new("Uniformity", Health, "0 where all projections are one, about -4 at best."),
        ["grad_norm"] = new("Gradient norm", Health, "Length of the gradient before the optimizer's step."),
        ["lr"] = new("Learning rate", Schedule, "As the optimizer sees it."),
        ["tau"] = new("Target decay tau", Schedule, "The target keeps this share of itself each step."),
        ["samples_per_second"] = new("Samples a second", Speed, "Since the line of the log before."),
        ["replica_share"] = new("Exchange of replicas", Speed, "Share of the time that this replica exchanges numbers with the others or waits for them.", true),
        ["data_wait"] = new("Waiting for data", Speed, "Share of the time that the network waits for the data threads.", true),
    };

    /// <summary>Whether it differs from batch to batch, so that a trend is worth drawing.</summary>
    internal bool IsNoisy => Group != Schedule;

    /// <summary>The style of a key; one that is not known gets its words as a title.</summary>
    internal static MetricStyle Of(string key) => _known.TryGetValue(key, out var style) ? style : new(Words(key), Other, "");

    /// <summary>The known keys in the order in which they are shown; others follow.</summary>
    internal static int OrderOf(string key) => _known.IndexOf(key) is var place and >= 0 ? place : _known.Count;

    /// <summary>A value with as many digits as tell something.</summary>
    internal string Text(double value) => IsShare
        ? value.ToString("0.0%", CultureInfo.InvariantCulture)
        : Number(value);

    /// <summary>A number with about four significant digits.</summary>
    internal static string Number(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 0.001 => value.ToString("G4", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##e0", CultureInfo.InvariantCulture),
    };

    private static string Words(string key)
    {
        string words = key.Replace('_', ' ');
        return words.Length == 0 ? key : char.ToUpperInvariant(words[0]) + words[1..];
    }
}
