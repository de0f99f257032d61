using System.CommandLine;
using System.Text.Json.Nodes;
using ByolSharp.Evaluation;

namespace ByolSharp.Cli.Commands;

/// <summary><c>byol linear-eval --run RUN --train DIR --test DIR</c>.</summary>
internal static class LinearEvalCommand
{
    private static readonly EncoderOptions Encoders = new();
    private static readonly EvaluationData Data = new();
    private static readonly Option<string> Protocol = new Option<string>("--protocol")
    {
        Description = "sgd: the paper's linear classifier with its sweep of learning rates; logistic: L2-regularised regression by L-BFGS.",
        DefaultValueFactory = _ => "sgd",
    }.AcceptOnlyFromAmong("sgd", "logistic");

    private static readonly Option<int> Epochs = new("--epochs") { Description = "Passes over the training data (sgd).", DefaultValueFactory = _ => new LinearEvalOptions().Epochs };
    private static readonly Option<bool> Standardize = new("--standardize") { Description = "Scale each feature to mean 0 and deviation 1 first (sgd); the paper does not." };

    internal static Command Create()
    {
        var command = new Command("linear-eval", "Train a linear classifier on frozen representations; settings are chosen on held-out training data.");
        Encoders.AddTo(command);
        Data.AddTo(command);
        command.Options.Add(Protocol);
        command.Options.Add(Epochs);
        command.Options.Add(Standardize);
        return command.Does(Run);
    }

    private static int Run(ParseResult arguments, Terminal terminal, CancellationToken cancellation)
    {
        var (encoder, train, test) = Data.Extract(arguments, Encoders, terminal, cancellation);
        var result = arguments.GetValue(Protocol) == "sgd"
            ? Sgd(arguments, terminal, train, test, cancellation)
            : Logistic(arguments, train, test, cancellation);
        result["labels"] = Data.Labels(arguments);
        EvaluationData.Report(arguments, Encoders, terminal, "linear-eval", encoder, result);
        return 0;
    }

    private static JsonObject Sgd(ParseResult arguments, Terminal terminal, FeatureSet train, FeatureSet test, CancellationToken cancellation)
    {
        var options = new LinearEvalOptions
        {
            Epochs = arguments.GetValue(Epochs),
            Standardize = arguments.GetValue(Standardize),
            Seed = Encoders.Seed(arguments),
        };
        var result = terminal.Count("fit", progress => LinearEval.Evaluate(train, test, options, new Stages(progress), cancellation));
        return new()
        {
            ["top1"] = result.Top1,
            ["top5"] = result.Top5,
            ["mean_per_class"] = result.MeanPerClass,
            ["n_train"] = result.NTrain,
            ["n_test"] = result.NTest,
            ["lr"] = result.Lr,
            ["protocol"] = options.Standardize ? "sgd, standardized" : "sgd",
        };
    }

    private static JsonObject Logistic(ParseResult arguments, FeatureSet train, FeatureSet test, CancellationToken cancellation)
    {
        var result = LogisticRegression.Evaluate(train, test, options: new() { Seed = Encoders.Seed(arguments) }, cancellation: cancellation);
        return new()
        {
            ["top1"] = result.Top1,
            ["top5"] = result.Top5,
            ["mean_per_class"] = result.MeanPerClass,
            ["n_train"] = result.NTrain,
            ["n_test"] = result.NTest,
            ["lambda"] = result.Lambda,
            ["protocol"] = "logistic",
        };
    }

    private sealed class Stages(IProgress<(int Done, int Total)> progress) : IProgress<LinearEvalProgress>
    {
        public void Report(LinearEvalProgress value) => progress.Report(((int)value.Step, (int)value.Steps));
    }
}
