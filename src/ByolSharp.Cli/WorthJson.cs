using System.Text.Json.Nodes;
using ByolSharp.Evaluation.FewLabels;

namespace ByolSharp.Cli;

/// <summary>A finished ladder as JSON; keys in docs/worth.md. A number without an upper bound is null.</summary>
internal static class WorthJson
{
    internal static JsonObject Of(IReadOnlyList<LadderRung> rungs, LadderReport report, LadderOptions options) => new()
    {
        ["rungs"] = new JsonArray([.. rungs.Select(rung => new JsonObject
        {
            ["rung"] = rung.Key,
            ["name"] = rung.Name,
            ["scores"] = new JsonArray([.. report.Scores.Where(score => score.Rung == rung.Key).Select(Score)]),
        })]),
        ["gains"] = new JsonArray([.. report.Gains.Select(gain => new JsonObject
        {
            ["share"] = gain.Share,
            ["top1"] = gain.Top1,
            ["top1_low"] = gain.Interval.Low,
            ["top1_high"] = gain.Interval.High,
        })]),
        ["labels_saved"] = new JsonArray([.. report.Savings.Select(saving => new JsonObject
        {
            ["share"] = saving.Share,
            ["n_labels"] = saving.LabelCount,
            ["top1"] = saving.Top1,
            ["needed"] = Finite(saving.Needed),
            ["factor"] = Finite(saving.Factor),
            ["factor_low"] = Finite(saving.Interval.Low),
            ["factor_high"] = Finite(saving.Interval.High),
        })]),
        ["sentence"] = report.Sentence,
        ["n_test"] = report.TestCount,
        ["seeds"] = options.Seeds,
        ["confidence"] = options.Confidence,
    };

    private static JsonObject Score(LadderScore score) => new()
    {
        ["share"] = score.Share,
        ["n_labels"] = score.LabelCount,
        ["top1"] = score.Mean,
        ["top1_std"] = score.Spread,
        ["top1_low"] = score.Interval.Low,
        ["top1_high"] = score.Interval.High,
        ["top1_by_seed"] = new JsonArray([.. score.Top1.Select(top1 => (JsonNode)top1)]),
    };

    private static double? Finite(double number) => double.IsFinite(number) ? number : null;
}
