using System.CommandLine;
using System.Globalization;
using ByolSharp.Evaluation;
using ByolSharp.Sources;
using ByolSharp.Text;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol sts-eval --run RUN --test FILE</c>.</summary>
internal static class StsEvalCommand
{
    private static readonly EncoderOptions Encoders = new();
    private static readonly Option<string> Test = new("--test") { Description = "A table with pairs of texts and how alike they are.", Required = true, HelpName = "FILE" };
    private static readonly Option<string> Pair = new("--pair-column") { Description = "Column of the second text.", DefaultValueFactory = _ => "2" };

    internal static Command Create()
    {
        var command = new Command("sts-eval", "Compare the likeness of representations with how alike people find the texts: Spearman's rank correlation.") { Test, Pair };
        Encoders.AddTo(command, Baselines.Random | Baselines.Words);
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        using var pairs = Encoders.OpenPairs(arguments, arguments.GetRequiredValue(Test), arguments.GetRequiredValue(Pair));
        double[] scores = [.. Enumerable.Range(0, pairs.Count).Select(i => ScoreOf(pairs, i))];
        using var others = new PairTexts(pairs);
        var encoder = Encoders.Open(arguments, pairs);
        FeatureSet first = encoder.Extract(terminal, "first", pairs, cancellation).L2Normalized(), second = encoder.Extract(terminal, "second", others, cancellation).L2Normalized();
        var likeness = new double[first.Count];
        for (int i = 0; i < likeness.Length; i++)
        {
            likeness[i] = System.Numerics.Tensors.TensorPrimitives.Dot(first[i], second[i]);
        }
        var places = Enumerable.Range(0, pairs.Count).ToDictionary(pairs.NameOf, StringComparer.Ordinal);
        double spearman = RankCorrelation.Spearman(likeness, [.. first.Names.Select(name => scores[places[name]])]);
        EvaluationData.Report(arguments, Encoders, terminal, "sts-eval", encoder.Name, new() { ["spearman"] = spearman, ["n_test"] = first.Count });
        return 0;
    }

    private static double ScoreOf(TextDataset pairs, int index)
    {
        string name = pairs.LabelOf(index) is var label && label == Dataset.NoLabel ? "" : pairs.ClassNames[label];
        return double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out double score)
            ? score
            : throw new UnusableDataException($"'{pairs.NameOf(index)}' has '{name}' where a number says how alike its texts are: name its column with --label-column.");
    }
}
